import test from 'ava';
import { createMemoryStore } from '#store/memory/memory-store.ts';
import { testWatchCache } from '#test/conformance/watch-cache.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

// Every state goes to a file as soon as it is there.
testWatchCache(test, async () => createMemoryStore({ clock: new ManualClock(0), retention: { maxAgeMs: 60_000, maxEvents: 10_000 } }), { directory: temporaryDirectory('texts'), size: 0 });
