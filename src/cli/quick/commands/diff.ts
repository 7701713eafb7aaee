import { diffRevisions, type DiffFlags } from '../../diff.ts';
import { LINES } from '../plain-line.ts';
import { quickProgram } from '../quick-program.ts';

export const { run } = quickProgram(LINES.diff, ({ words: [before = '', after = ''], flags }) => diffRevisions(before, after, flags as DiffFlags));
