import { logObject, type LogFlags } from '../../log.ts';
import { LINES } from '../plain-line.ts';
import { quickProgram } from '../quick-program.ts';

export const { run } = quickProgram(LINES.log, ({ words: [object = ''], flags }) => logObject(object, flags as LogFlags));
