import { MAX_SCORE, scoreEach, type ScorePlugin } from '../../framework/plugin.ts';

const MIB = 1024 * 1024;
/** Below this an image is pulled so fast that its presence says nothing. */
const MIN_SIZE = 23 * MIB;
/** A container's image counts up to this. */
const MAX_SIZE = 1000 * MIB;

/** Nodes that have the images already; one that few nodes have counts less, so that pods do not heap on those. */
export const imageLocality: ScorePlugin = {
  name: 'ImageLocality',
  score({ pod, snapshot }, nodes) {
    const containers = [...(pod.pod.spec?.initContainers ?? []), ...(pod.pod.spec?.containers ?? [])];
    const images = containers.map(({ image = '' }) => withTag(image)).map((name) => ({ name, spread: snapshot.nodesWithImage(name) / snapshot.nodes.length }));
    const present = images.filter(({ spread }) => spread > 0);
    if (present.length === 0) return undefined;
    const most = MAX_SIZE * containers.length;
    return scoreEach(nodes, (node) => {
      const size = present.reduce((sum, { name, spread }) => sum + Math.floor((node.images.get(name) ?? 0) * spread), 0);
      return Math.floor((MAX_SCORE * (Math.min(Math.max(size, MIN_SIZE), most) - MIN_SIZE)) / (most - MIN_SIZE));
    });
  },
};

/** `:latest` unless a tag or a digest is there; a colon before the last slash is a port. */
const withTag = (image: string): string => (image.lastIndexOf(':') > image.lastIndexOf('/') || image.includes('@') ? image : `${image}:latest`);
