/** What policies say in the audit record of one request: an annotation for each key, with the different values of all bindings and parameters. */
export class AuditTexts {
  readonly #values = new Map<string, Set<string>>();

  add(policy: string, key: string, value: string): void {
    const name = `${policy}/${key}`;
    this.#values.set(name, (this.#values.get(name) ?? new Set()).add(value));
  }

  publish(audit: ((key: string, value: string) => void) | undefined): void {
    for (const [name, values] of this.#values) audit?.(name, [...values].join(', '));
  }
}
