import test, { type ExecutionContext } from 'ava';
import { type ApiCalls, openApi } from '#test/support/api-calls.ts';

const PODS = '/api/v1/namespaces/default/pods';
const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const READY = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } };

const evict = (api: ApiCalls, name: string) => api.post(`${PODS}/${name}/eviction`, { metadata: { name } });
const makePod = (api: ApiCalls, name: string) => api.post(PODS, { metadata: { name, labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } });

/** With what its controller has counted. */
async function open(t: ExecutionContext, status: object): Promise<ApiCalls> {
  const api = await openApi(t);
  await api.post(BUDGETS, { metadata: { name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } } } });
  await api.patch(`${BUDGETS}/b/status`, { status: { observedGeneration: 1, expectedPods: 2, ...status } });
  return api;
}

test('the last pod that may go is told of in the budget\'s condition at once', async (t) => {
  const allowed = { type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', message: '', lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 };
  const api = await open(t, { currentHealthy: 3, desiredHealthy: 1, disruptionsAllowed: 2, conditions: [allowed] });
  for (const name of ['a', 'b']) {
    await makePod(api, name);
    await api.patch(`${PODS}/${name}/status`, READY);
  }
  t.is((await evict(api, 'a')).code, 201);
  t.deepEqual((await api.get(`${BUDGETS}/b`)).body.status.conditions, [allowed]);
  t.is((await evict(api, 'b')).code, 201);
  const { status } = (await api.get(`${BUDGETS}/b`)).body;
  t.like(status, { disruptionsAllowed: 0, conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', observedGeneration: 1 }] });
  t.not(status.conditions[0].lastTransitionTime, allowed.lastTransitionTime);
});

for (const [state, counted] of [['has not begun', {}], ['is not ready', { phase: 'Running' }]] as const) {
  test(`a pod that ${state} when it is evicted and is ready a moment later counts for its budget`, async (t) => {
    const api = await open(t, { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0 });
    const codes = new Set<number>();
    for (let turns = 0; turns < 60; turns++) {
      const name = `p${turns}`;
      await makePod(api, name);
      await api.patch(`${PODS}/${name}/status`, { status: counted });
      const eviction = evict(api, name);
      for (let i = 0; i < turns; i++) await Promise.resolve();
      const [{ code }, ready] = await Promise.all([eviction, api.patch(`${PODS}/${name}/status`, READY)]);
      codes.add(code);
      t.false(code === 201 && ready.code === 200, `${turns} turns`);
      t.is(code, ready.code === 200 ? 429 : 201);
    }
    t.deepEqual([...codes].toSorted(), [201, 429]);
  });
}
