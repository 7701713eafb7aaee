import { getObject, type GetFlags } from '../../get.ts';
import { LINES } from '../plain-line.ts';
import { quickProgram } from '../quick-program.ts';

export const { run } = quickProgram(LINES.get, ({ words: [object = ''], flags }) => getObject(object, flags as GetFlags));
