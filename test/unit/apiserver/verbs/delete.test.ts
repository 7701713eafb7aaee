import test from 'ava';
import { openApi } from '#test/support/api-calls.ts';

const NAMESPACES = '/api/v1/namespaces';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

test('another object of the name is told of in the words of its kind', async (t) => {
  const api = await openApi(t);
  const { uid } = (await api.post(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } })).body.metadata;
  const refused = async (path: string, preconditions: object): Promise<readonly unknown[]> => {
    const { code, message } = await api.remove(path, { preconditions });
    return [code, message];
  };
  t.deepEqual(await refused(`${NAMESPACES}/a`, { uid: 'x' }), [409, `Operation cannot be fulfilled on namespaces "a": Precondition failed: UID in precondition: x, UID in object meta: ${uid}`]);
  t.regex(String((await refused(`${NAMESPACES}/a`, { uid, resourceVersion: '1' }))[1]), /^Operation cannot be fulfilled on namespaces "a": Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: \d+$/);
  const map = (await api.post(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })).body.metadata;
  t.deepEqual(await refused(`${CONFIG_MAPS}/a`, { uid: 'x' }), [409, `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (x) does not match the UID in record (${map.uid}). The object might have been deleted and then recreated`]);
});
