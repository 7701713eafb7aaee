import { X509Certificate } from 'node:crypto';
import test from 'ava';
import { makeAuthority } from '#apiserver/pki/certificates.ts';
import { signRequest } from '#apiserver/pki/sign-request.ts';
import { certificateRequest } from '#test/support/certificate-request.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

test('a certificate is valid as long as was asked for, a short one five minutes longer, and none outlives its authority', async (t) => {
  const authority = await makeAuthority('ca', NOW);
  const { request } = await certificateRequest({ commonName: 'panda' });
  const minutesOf = async (validity: number, now = NOW): Promise<number> => {
    const { validFromDate, validToDate } = new X509Certificate(await signRequest({ authority, request, usages: ['client auth'], validityMs: validity * MINUTE_MS, now }));
    t.is(validFromDate.getTime(), now - 5 * MINUTE_MS);
    return (validToDate.getTime() - validFromDate.getTime()) / MINUTE_MS;
  };
  const asked = [10, 120, 479, 480, 600, 1440];
  t.deepEqual(await Promise.all(asked.map((validity) => minutesOf(validity))), [15, 125, 484, 480, 600, 1440]);
  const last = new X509Certificate(authority.cert).validToDate.getTime() - 60 * MINUTE_MS;
  t.is(await minutesOf(1440, last), 65);
});
