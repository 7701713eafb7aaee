import type { Outcome } from '../outcome.ts';
import { contentTypeOf, type MediaType } from './media-type.ts';

/** Headers of an answer. */
export type Head = Record<string, string | readonly string[]>;

export const packedHead = (head: Readonly<Head>, { length }: Buffer): Head => ({ ...head, 'content-length': String(length), 'content-encoding': 'gzip', vary: 'Accept-Encoding' });

export function contentTypeOfOutcome(outcome: Outcome, media: MediaType): string {
  const isDiscovery = media.isDiscovery && outcome.type === 'document' && (outcome.body as { readonly kind?: string }).kind === 'APIGroupDiscoveryList';
  return isDiscovery ? `${contentTypeOf(media)};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList` : contentTypeOf(media);
}
