#!/usr/bin/env node
/** The program. Nothing is done in this thread but watching the one that works. */
import { supervise } from './cli/threads/supervise.ts'

supervise()
