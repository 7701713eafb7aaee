import type { Ingress } from '#api/generated/networking/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { isSameResource } from '#api/resource-type.ts';
import { INGRESSES } from '#api/resources.ts';
import { defaultObject } from './default-object.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** By which Ingresses named their class before it was a field. */
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** A new Ingress that names no class gets the default one. */
export const DEFAULT_INGRESS_CLASS: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  handles: ({ operation, resource, subresource }) => operation === 'CREATE' && subresource === '' && isSameResource(resource, INGRESSES),
  mutate({ object }, { cache }) {
    const ingress = object as Ingress & KubeObject;
    if (ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return ingress;
    const found = defaultObject(cache, 'ingressclasses.networking.k8s.io', ['ingressclass.kubernetes.io/is-default-class']);
    return found ? ({ ...ingress, spec: { ...ingress.spec, ingressClassName: found.metadata.name } } as KubeObject) : ingress;
  },
};
