const PLACE = /^(\/+api\/+v1\/+(?:namespaces\/+[^/]+\/+)?[^/]+\/+[^/]+\/+proxy)(\/.*)?$/;

/** `/api/v1/[namespaces/<ns>/]<plural>/<id>/proxy` of a URL, and what follows it without the query; neither is decoded. */
export function proxyPlaceOf(url: string): { readonly prefix: string; readonly rest: string } {
  const path = url.split('?', 1)[0] ?? '';
  const [, prefix = '', rest = ''] = PLACE.exec(path) ?? [];
  return { prefix, rest };
}
