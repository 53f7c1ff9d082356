/**
 * Import before `onnxruntime-node`: since 1.30 its Linux build reports what it runs to its vendor unless this is set before
 * it loads. Models and plates are a lab's own business. Set here and not in a worker, whose environment is a copy that native code does not see.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
