import type { UserInfo } from '#api/transport.ts';
import { attributesOf, type Decision } from '../authz/authorizer.ts';
import type { Environment } from '../environment.ts';
import type { ResourceInfo } from '../request-info.ts';
import type { Handling } from '../requests/handling.ts';
import type { Exchange } from './exchange.ts';
import type { MediaType } from './media-type.ts';

/** What a request for objects means, and how it is to be answered. */
export interface Route {
  readonly user: UserInfo;
  readonly query: Readonly<Record<string, string>>;
  readonly info: ResourceInfo;
  readonly media: MediaType;
  /** Of {@link RoutePlans}, before the request was looked at: what changes while it is makes the plan void. */
  readonly revision: number;
}

/** A route with all that was decided of it. It holds for every request of the user with the same method, URL and Accept header. */
export interface RoutePlan extends Route {
  /** Undefined: decided at each request. */
  readonly decision: Decision | undefined;
  readonly handling: Handling;
}

type Asked = Pick<Exchange, 'method' | 'url' | 'headers'>;
type Sources = Pick<Environment, 'scheme' | 'apiServices' | 'authorizer' | 'requests'>;

/** Plans of all users; a cluster at work asks for some hundreds again and again, and a plan takes about a kilobyte. */
const MAX_PLANS = 4_000;

/**
 * Keeps what was decided of requests until something changes that it was decided from: served resources, APIServices, roles and bindings, flow
 * schemas and priority levels. The audit policy and the forms of answers stay as they are for the life of the server. Who asks is found out for every
 * request, so a token that has ended, or whose account is gone, finds no plan; a user that is found out anew is another object, and begins without plans.
 */
export class RoutePlans {
  readonly #sources: Sources;
  #byUser = new WeakMap<UserInfo, Map<string, RoutePlan>>();
  #size = 0;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Each part only grows, so the sum is the same only while all of them are. */
  get revision(): number {
    const { scheme, apiServices, authorizer, requests } = this.#sources;
    return scheme.revision + apiServices.revision + authorizer.revision + requests.revision;
  }

  find(user: UserInfo, asked: Asked): RoutePlan | undefined {
    const plan = this.#byUser.get(user)?.get(keyOf(asked));
    return plan?.revision === this.revision ? plan : undefined;
  }

  /** The plan of a request, which is kept for those that are like it. A watch is asked for once. */
  make(asked: Asked, route: Route): RoutePlan {
    const { user, query, info } = route;
    const { authorizer, requests } = this.#sources;
    const decision = authorizer.isStable(user) ? authorizer.authorize(attributesOf(info, user, query['fieldSelector'])) : undefined;
    const plan: RoutePlan = { ...route, decision, handling: requests.handlingOf(asked.method, user, info) };
    if (info.verb !== 'watch') this.#keep(keyOf(asked), plan);
    return plan;
  }

  /** What is decided of a request that was planned a while ago, when it still holds. */
  decisionOf({ revision, decision }: RoutePlan): Decision | undefined {
    return revision === this.revision ? decision : undefined;
  }

  #keep(key: string, plan: RoutePlan): void {
    if (this.#size >= MAX_PLANS) {
      this.#byUser = new WeakMap();
      this.#size = 0;
    }
    const plans = this.#byUser.get(plan.user);
    // Users that are made for one request, such as a front proxy's, never come again.
    if (plans === undefined) return void this.#byUser.set(plan.user, new Map());
    if (!plans.has(key)) this.#size += 1;
    plans.set(key, plan);
  }
}

/** A URL holds no blank, and a method neither. */
const keyOf = ({ method, url, headers }: Asked): string => `${method} ${url} ${headers.accept ?? ''}`;
