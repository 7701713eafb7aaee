import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import type { Outcome } from '../outcome.ts';
import { reviewAccess, reviewLocalAccess, reviewOwnAccess, reviewOwnRules } from './access-reviews.ts';
import { reviewSelf, reviewToken } from './authentication-reviews.ts';
import { restoreNode } from '../restore/node-restore.ts';
import { bindNamed } from '../subresources/binding.ts';
import { runTransaction } from '../transaction/transaction.ts';

type Handler = (env: Environment, call: Call) => Outcome | Promise<Outcome>;

/** Create-only kinds that are a question and its answer, or an order, and never stored. */
export const VIRTUAL: Readonly<Record<string, { readonly create: Handler; readonly [verb: string]: Handler | undefined }>> = {
  'selfsubjectaccessreviews.authorization.k8s.io': { create: reviewOwnAccess },
  'subjectaccessreviews.authorization.k8s.io': { create: reviewAccess },
  'localsubjectaccessreviews.authorization.k8s.io': { create: reviewLocalAccess },
  'selfsubjectrulesreviews.authorization.k8s.io': { create: reviewOwnRules },
  'tokenreviews.authentication.k8s.io': { create: reviewToken },
  'selfsubjectreviews.authentication.k8s.io': { create: reviewSelf },
  'bindings.': { create: bindNamed },
  'noderestores.headway.dev': { create: restoreNode },
  'transactions.headway.dev': { create: runTransaction },
};
