#!/usr/bin/env node
/** The CDK app: context → stack. Calls no AWS. */
import { createApp } from '../lib/app.ts';

createApp().app.synth();
