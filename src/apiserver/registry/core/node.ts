import type { Strategy } from '../strategy.ts';

/** A node registers with its status, and keeps annotations current together with it. */
export const NODE: Strategy = { keepsStatusOnCreate: true };
