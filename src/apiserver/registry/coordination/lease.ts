import type { Strategy } from '../strategy.ts';

export const LEASE: Strategy = { allowsCreateOnUpdate: true, requiresResourceVersion: true };
