/** Shorter values are hidden only where they stand between quotes: as parts of words they would make a message unreadable. */
const MIN_LENGTH = 4;
const HIDDEN = '<hidden>';

/** What was decrypted, kept to be hidden in messages of tools and of the API. */
export class SecretValues {
  readonly #values = new Set<string>();

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  add(values: readonly string[]): void {
    // A value of several lines may be shown a line at a time.
    for (const value of values) for (const part of [value, ...value.split('\n')]) if (part.trim() !== '') this.#values.add(part);
  }

  hide(text: string): string {
    const forms = [...this.#values].flatMap((value) => (value.length < MIN_LENGTH ? [`"${value}"`, `'${value}'`, `\`${value}\``] : [value, JSON.stringify(value).slice(1, -1), Buffer.from(value).toString('base64')]));
    return forms.toSorted((a, b) => b.length - a.length).reduce((shown, form) => shown.replaceAll(form, HIDDEN), text);
  }
}
