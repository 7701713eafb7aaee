import { filling, inside } from './fill.ts';

/** References to a field of the object itself name the version in which its path is meant. */
export const fieldRefDefaults = inside('fieldRef', filling({ apiVersion: 'v1' }));

const MAX_NAME = 255;
const WORD = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const PATH = '[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*';
/** The grammar of an image's name, as registries have it; its tag and digest are captured. */
const REFERENCE = new RegExp(`^((?:(?:${WORD}(?:[.]${WORD})*|\\[[a-fA-F0-9:]+\\])(?::\\d+)?/)?${PATH}(?:/${PATH})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`);

/** `latest`, said or meant, may change under its name. Of what is no name of an image nothing is meant. */
export function pullPolicy(image: unknown): string {
  const [whole, name = '', tag, digest] = REFERENCE.exec(typeof image === 'string' ? image : '') ?? [];
  const isLatest = tag === undefined ? digest === undefined : tag === 'latest';
  return whole !== undefined && name.length <= MAX_NAME && isLatest ? 'Always' : 'IfNotPresent';
}
