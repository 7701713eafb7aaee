import test from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';

const GROUP = '/apis/flowcontrol.apiserver.k8s.io/v1';

test('the mandatory schemas and levels are what they are, but for the shares of the exempt one', async (t) => {
  const server = await startInProcessApi(t);
  const refusal = async (path: string, change: object): Promise<string | undefined> => {
    const { body } = await server.handle({ method: 'PATCH', path: `${GROUP}/${path}`, body: Buffer.from(JSON.stringify(change)), contentType: 'application/merge-patch+json', query: {} }, ADMIN);
    return (body as Status).details?.causes?.map(({ field, message }) => `${field}: ${message?.replace(/\{.*\}/, '{}')}`).join();
  };
  t.is(await refusal('flowschemas/catch-all', { spec: { matchingPrecedence: 500 } }), "spec: Invalid value: {}: spec of 'catch-all' must equal the fixed value");
  t.is(await refusal('flowschemas/exempt', { spec: { matchingPrecedence: 2 } }), "spec: Invalid value: {}: spec of 'exempt' must equal the fixed value");
  t.is(await refusal('prioritylevelconfigurations/catch-all', { spec: { limited: { lendablePercent: 5 } } }), "spec: Invalid value: {}: spec of 'catch-all' must equal the fixed value");
  t.is(await refusal('prioritylevelconfigurations/exempt', { spec: { type: 'Limited', limited: {}, exempt: null } }), "spec.type: Invalid value: \"Limited\": must be 'Exempt' if and only if `name` is 'exempt',spec.limited.limitResponse.type: Required value,spec: Invalid value: {}: spec of 'exempt' except the 'spec.exempt' field must equal the fixed value");
  t.is(await refusal('prioritylevelconfigurations/exempt', { spec: { exempt: { nominalConcurrencyShares: 3 } } }), undefined);
  t.is(await refusal('prioritylevelconfigurations/system', { spec: { limited: { lendablePercent: 5 } } }), undefined);
  t.is(await refusal('flowschemas/exempt', { metadata: { labels: { a: 'b' } } }), undefined);
  t.is(await refusal('flowschemas/probes/status', { status: { conditions: [{ type: 'A' }, { type: 'A' }] } }), 'status.conditions[1].type: Duplicate value: "A"');
});
