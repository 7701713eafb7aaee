import test from 'ava';
import { createMemoryStore } from '#store/memory/memory-store.ts';
import { testObjectStore } from '#test/conformance/object-store.ts';

testObjectStore(test, async (_t, options) => ({ store: createMemoryStore(options) }));
