import test from 'ava';
import { apiRequest, type ApiAnswer } from '#test/support/api-request.ts';
import { type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { allow, startWebhookServer } from '#test/support/webhook-server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
let plane: ControlPlane;

test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const send = (method: string, path: string, body?: object): Promise<ApiAnswer> =>
  apiRequest(plane, path, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });

test('a webhook is given what the request has left; when that is over the client is told so, and nothing is written', async (t) => {
  const given: number[] = [];
  let isHanging = false;
  const hooks = await startWebhookServer(t, (_, __, timeout) => {
    given.push(timeout);
    return isHanging ? new Promise<object>(() => {}) : allow();
  });
  const webhook = {
    name: 'hook.example.com', clientConfig: { url: hooks.url, caBundle: hooks.caBundle }, rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
    objectSelector: { matchLabels: { asked: 'yes' } }, sideEffects: 'None', admissionReviewVersions: ['v1'], timeoutSeconds: 30, failurePolicy: 'Ignore',
  };
  const create = (name: string, query = ''): Promise<ApiAnswer> => send('POST', `${MAPS}${query}`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { asked: 'yes' } } });
  const kind = 'MutatingWebhookConfiguration';
  t.is((await send('POST', `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`, { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'hook' }, webhooks: [webhook] })).status, 201);
  t.is((await create('unhurried')).status, 201);
  t.is((await create('hurried', '?timeout=29s')).status, 201);
  t.is(given[0], 30);
  t.true((given[1] ?? 30) <= 29);
  isHanging = true;
  t.is((await create('late', '?timeout=1s')).status, 504);
  isHanging = false;
  // What is asked later is written later: by then the late one would be there.
  t.is((await create('last')).status, 201);
  t.is((await send('GET', `${MAPS}/late`)).status, 404);
});
