/**
 * Memory that begins at a page, as reading and writing past the system's cache demands; of what JavaScript can allocate only
 * WebAssembly's does. Pieces are used again: fresh ones cost more CPU (page faults, garbage collection) than what is done with them.
 */

/** As much of it as is used here; the types of Node name it without its values. */
declare const WebAssembly: { Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer } };

const PIECE_BYTES = 1024 * 1024;
const WASM_PAGE_BYTES = 65_536;
const MOST_SPARES = 8;
const spares: Piece[] = [];

export interface Piece {
  bytes: Buffer;
  /** Whether it begins at a page. */
  aligned: boolean;
}

/** The engine reserves gigabytes of addresses for each fresh one: where they are limited (`ulimit -v`), ordinary memory must do. */
export function takePiece(): Piece {
  const spare = spares.pop();
  if (spare) return spare;
  try {
    const { buffer } = new WebAssembly.Memory({ initial: PIECE_BYTES / WASM_PAGE_BYTES });
    return { bytes: Buffer.from(buffer), aligned: true };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { bytes: Buffer.allocUnsafe(PIECE_BYTES), aligned: false };
  }
}

/** Only when nothing reads or writes it any more. */
export function giveBack(piece: Piece): void {
  if (piece.aligned && spares.length < MOST_SPARES) spares.push(piece);
}
