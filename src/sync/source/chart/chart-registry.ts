/** One chart where it is published. Every call asks anew, by whatever the server offers to make that cheap. */
export interface ChartRegistry {
  /** All versions that there are. @throws SourceError */
  versions(signal: AbortSignal): Promise<readonly string[]>;
  /** One of them. @throws SourceError */
  find(version: string, signal: AbortSignal): Promise<PublishedChart>;
}

export interface PublishedChart {
  readonly version: string;
  /** `sha256:…` of the archive. A server that names none is believed. */
  readonly digest?: string | undefined;
  /** Where the archive is. */
  readonly url: string;
  /** When it was published, seconds since the epoch; 0 when nobody says. */
  readonly time: number;
  /** The archive, whose digest has been compared. @throws SourceError */
  load(signal: AbortSignal): Promise<Buffer>;
}
