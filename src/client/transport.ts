import type { ApiRequest, ApiResponse, WatchEvent } from '#api/transport.ts';

/** The way to an API server, with the identity that calls carry. */
export interface Transport {
  /** Failed calls are answers with a Status. @throws ApiUnreachableError when there is no answer; the signal's reason when aborted. */
  request(request: ApiRequest): Promise<ApiResponse>;
  /** A refused watch is one ERROR event. Ends with the server's watch, or with the signal. @throws ApiUnreachableError when the connection breaks. */
  watch(request: ApiRequest): AsyncIterable<WatchEvent>;
  /** Ends every call in flight. */
  close(): void;
}
