import type { KubeObject } from '#api/object.ts';
import { writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';

/** Puts a review through admission like any creation; `check` refuses what admission made of it. @throws StatusError */
export async function admitReview<T extends KubeObject>(env: Environment, call: Call, sent: T, check: (review: T) => void = () => {}): Promise<T> {
  const { resource, namespace } = call.info;
  const request = { operation: 'CREATE', resource, subresource: '', namespace, name: sent.metadata.name ?? '', object: sent, context: writeContext(call) } as const;
  const review = (await env.admission.mutate(env, request)) as T;
  check(review);
  await env.admission.validate(env, review === sent ? request : { ...request, object: review });
  return review;
}
