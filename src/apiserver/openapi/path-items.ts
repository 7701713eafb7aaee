import type { Dialect } from './dialects.ts';
import type { Parameter, Route } from './routes/route.ts';
import type { JsonSchema } from './schemas.ts';

const WORDS: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };
const UNAUTHORIZED = { 401: { description: 'Unauthorized' } };

/** The operations by path and method. What all operations of a path take is told once, at the path. */
export const pathItems = (routes: readonly Route[], dialect: Dialect): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries([...Map.groupBy(routes, ({ path }) => path)].map(([path, of]) => [path, pathItem(of, dialect)]));

function pathItem(routes: readonly Route[], dialect: Dialect): JsonSchema {
  const shared = new Map(routes.map(({ parameters }) => parameters.map((p) => [keyOf(p), p] as const)).reduce((common, own) => own.filter(([key]) => common.some(([other]) => other === key))));
  const operations = routes.map((route) => [route.method, operation(route, route.parameters.filter((p) => !shared.has(keyOf(p))), dialect)]);
  return { ...Object.fromEntries(operations), ...dialect.parameters([...shared.values()]) };
}

const keyOf = ({ name, in: place }: Parameter): string => `${place}/${name}`;

function operation(route: Route, own: readonly Parameter[], dialect: Dialect): JsonSchema {
  const { description, tag, id, answers, target } = route;
  const responses = Object.entries(answers).map(([status, model]) => [status, { description: WORDS[status] ?? '', ...dialect.answer(model, route) }]);
  return {
    description, ...dialect.media(route), tags: [tag], operationId: id, ...dialect.input(route, own), responses: { ...Object.fromEntries(responses), ...UNAUTHORIZED },
    ...(target ? { 'x-kubernetes-action': target.action, 'x-kubernetes-group-version-kind': target.kind } : {}),
  };
}
