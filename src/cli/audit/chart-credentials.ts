import type { Repository } from '#api/headway/v1/types.ts';
import { joinKey } from '#api/object.ts';
import { SECRETS } from '#api/resources.ts';
import type { Client } from '#client/client.ts';
import { type Credentials, readCredentials } from '#sync/source/credentials.ts';
import { hostOf, parseChartUrl } from '#sync/source/source-url.ts';

/** For the place where a chart is published, as far as the caller may read the Secret. @throws SourceError, StatusError */
export async function chartCredentials(client: Client, { metadata: { namespace = '' }, spec: { url, secretRef } }: Repository): Promise<Credentials> {
  if (!secretRef) return { type: 'none' };
  const { data = {} } = await client.get(SECRETS, { namespace, name: secretRef.name });
  const at = parseChartUrl(url);
  const clear = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
  return readCredentials(clear, { secret: joinKey(namespace, secretRef.name), protocols: at.protocols, at: hostOf(at.url) });
}
