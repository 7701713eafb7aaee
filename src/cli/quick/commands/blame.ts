import { blameObject, type BlameFlags } from '../../blame.ts';
import { LINES } from '../plain-line.ts';
import { quickProgram } from '../quick-program.ts';

export const { run } = quickProgram(LINES.blame, ({ words: [object = ''], flags }) => blameObject(object, flags as BlameFlags));
