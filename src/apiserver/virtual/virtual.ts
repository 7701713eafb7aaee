import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import type { Outcome } from '../outcome.ts';
import { reviewAccess, reviewLocalAccess, reviewOwnAccess, reviewOwnRules } from './access-reviews.ts';
import { getComponent, listComponents } from './component-statuses.ts';
import { reviewSelf, reviewToken } from './authentication-reviews.ts';
import { restoreNode } from '../restore/node-restore.ts';
import { bindNamed } from '../subresources/binding.ts';
import { runTransaction } from '../transaction/transaction.ts';

type Handler = (env: Environment, call: Call) => Outcome | Promise<Outcome>;

/** Kinds that are never stored: a question and its answer, or an order, which can only be created; and what can only be read. */
export const VIRTUAL: Readonly<Record<string, { readonly [verb: string]: Handler | undefined }>> = {
  'selfsubjectaccessreviews.authorization.k8s.io': { create: reviewOwnAccess },
  'subjectaccessreviews.authorization.k8s.io': { create: reviewAccess },
  'localsubjectaccessreviews.authorization.k8s.io': { create: reviewLocalAccess },
  'selfsubjectrulesreviews.authorization.k8s.io': { create: reviewOwnRules },
  'tokenreviews.authentication.k8s.io': { create: reviewToken },
  'selfsubjectreviews.authentication.k8s.io': { create: reviewSelf },
  'componentstatuses.': { get: getComponent, list: listComponents },
  'bindings.': { create: bindNamed },
  'noderestores.headway.dev': { create: restoreNode },
  'transactions.headway.dev': { create: runTransaction },
};
