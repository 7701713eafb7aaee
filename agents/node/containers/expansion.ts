/** Kubernetes' `$(NAME)` references: an unknown name stays as it is written, `$$` is one `$`. */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (whole, name: string | undefined) => (name === undefined ? '$' : (values.get(name) ?? whole)));
}
