import test from 'ava';
import type { WebhookCall } from '#apiserver/webhook/client.ts';
import { WebhookConverter } from '#apiserver/conversion/webhook-converter.ts';
import { loadSchema } from '#api/schema.ts';
import { StatusError } from '#api/status-error.ts';

const schema = loadSchema();
interface Review { readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly Stored[] } }
interface Stored { readonly apiVersion: string; readonly kind: string; readonly metadata: Record<string, unknown> }

const stored = (name: string) => ({ apiVersion: 'example.com/v1', kind: 'Foo', metadata: { name, namespace: 'default', uid: `uid-${name}`, labels: { a: 'b' }, resourceVersion: '7' }, host: 'h:1' });
const upgraded = (object: Stored, metadata: object = {}): object => ({ ...object, apiVersion: 'example.com/v2', metadata: { ...object.metadata, ...metadata }, hostPort: 'new' });

/** A converter whose webhook answers with what is given. */
const converterOf = (answer: (review: Review) => unknown, versions = ['v1', 'v1beta1']) =>
  new WebhookConverter({ clientConfig: { url: 'https://hook' }, conversionReviewVersions: versions }, { schema, webhooks: { call: async ({ body }) => answer(body as Review) } });
const success = (review: Review, convertedObjects: readonly unknown[]): object =>
  ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response: { uid: review.request.uid, result: { status: 'Success' }, convertedObjects } });

test('converts a batch in one review, and gives metadata back but for labels and annotations', async (t) => {
  let reviews = 0;
  const converter = converterOf((review) => {
    reviews++;
    t.is(review.request.desiredAPIVersion, 'example.com/v2');
    return success(review, review.request.objects.map((o) => upgraded(o, { labels: { a: 'c' }, annotations: { x: 'y' }, resourceVersion: '', finalizers: ['mine'] })));
  });
  const converted = await converter.convert([stored('a'), stored('b')], 'example.com/v2');
  t.is(reviews, 1);
  t.deepEqual(converted.map((o) => o.metadata.name), ['a', 'b']);
  t.deepEqual(converted[0]?.metadata, { name: 'a', namespace: 'default', uid: 'uid-a', resourceVersion: '7', labels: { a: 'c' }, annotations: { x: 'y' } });
});

const BAD_LABEL = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const HOOK = 'conversion webhook for example.com/v1, Kind=Foo';
const FAILURES: readonly { readonly title: string; readonly answer: (review: Review) => unknown; readonly message: string; readonly count?: number }[] = [
  { title: 'a Status', answer: () => ({ apiVersion: 'v1', kind: 'Status' }), message: `${HOOK} failed: converting (v1.Status) to (v1.ConversionReview): unknown conversion` },
  { title: 'another version', answer: (r) => ({ ...success(r, []), apiVersion: 'apiextensions.k8s.io/v1beta1' }), message: `${HOOK} failed: converting (v1beta1.ConversionReview) to (v1.ConversionReview): unknown conversion` },
  { title: 'another type', answer: () => ({ apiVersion: 'example.com/v1', kind: 'Foo' }), message: `${HOOK} failed: no kind "Foo" is registered for version "example.com/v1" in scheme "pkg/util/webhook/client.go:71"` },
  { title: 'no type', answer: (r) => ({ ...success(r, []), apiVersion: undefined, kind: undefined }), message: `${HOOK} failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=` },
  { title: 'a list as response', answer: (r) => ({ ...success(r, []), response: [] }), message: `${HOOK} failed: json: cannot unmarshal array into Go struct field ConversionReview.response of type v1.ConversionResponse` },
  { title: 'a text as result', answer: (r) => ({ ...success(r, []), response: { uid: r.request.uid, result: 'x' } }), message: `${HOOK} failed: json: cannot unmarshal string into Go struct field ConversionResponse.response.result of type v1.Status` },
  { title: 'a text as objects', answer: (r) => success(r, 'x' as unknown as unknown[]), message: `${HOOK} failed: json: cannot unmarshal string into Go struct field ConversionResponse.response.convertedObjects of type []runtime.RawExtension` },
  { title: 'null for an object', answer: (r) => success(r, [null]), message: 'unexpected end of JSON input' },
  { title: 'a text for an object', answer: (r) => success(r, ['x']), message: 'json: cannot unmarshal string into Go value of type map[string]interface {}' },
  { title: 'an object without a kind', answer: (r) => success(r, [{}]), message: "Object 'Kind' is missing in '{}'" },
  { title: 'a text among objects', count: 2, answer: (r) => success(r, [upgraded(stored('a')), 'x']), message: `${HOOK} returned invalid converted object at index 1: json: cannot unmarshal string into Go value of type map[string]interface {}` },
  { title: 'no response', answer: () => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' }), message: `${HOOK} failed: no response provided` },
  { title: 'a refusal', answer: (r) => ({ ...success(r, []), response: { uid: r.request.uid, result: { status: 'Failure', message: 'cannot convert' } } }), message: `${HOOK} failed: cannot convert` },
  { title: 'a refusal without words', answer: (r) => ({ ...success(r, []), response: { uid: r.request.uid, result: {} } }), message: `${HOOK} failed: response.result.status was '', not 'Success'` },
  { title: 'too few objects', answer: (r) => success(r, []), message: `${HOOK} returned 0 objects, expected 1` },
  { title: 'the old version', answer: (r) => success(r, r.request.objects), message: `${HOOK} returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)` },
  { title: 'another kind', answer: (r) => success(r, r.request.objects.map((o) => ({ ...upgraded(o), kind: 'Bar' }))), message: `${HOOK} returned invalid object at index 0: invalid kind (expected Foo, received Bar)` },
  { title: 'another name', answer: (r) => success(r, r.request.objects.map((o) => upgraded(o, { name: 'z' }))), message: `${HOOK} returned invalid object: must have the same name: a != z` },
  { title: 'another uid', answer: (r) => success(r, r.request.objects.map((o) => upgraded(o, { uid: 'z' }))), message: `${HOOK} returned invalid object: must have the same UID: uid-a != z` },
  { title: 'a label that is no text', answer: (r) => success(r, r.request.objects.map((o) => upgraded(o, { labels: { a: 1 } }))), message: `${HOOK} returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object` },
  { title: 'a label that is null', answer: (r) => success(r, r.request.objects.map((o) => upgraded(o, { labels: { a: null } }))), message: `${HOOK} returned invalid metadata: metadata.labels[a] must be a string, but is <nil> in converted object` },
  { title: 'annotations in a list', answer: (r) => success(r, r.request.objects.map((o) => upgraded(o, { annotations: [] }))), message: `${HOOK} returned invalid metadata: invalid metadata.annotations of type []interface {} in converted object` },
  { title: 'two bad labels', answer: (r) => success(r, r.request.objects.map((o) => upgraded(o, { labels: { a: '!', b: '?' } }))), message: `${HOOK} returned invalid metadata: [${['!', '?'].map((v) => `metadata.labels: Invalid value: "${v}": ${BAD_LABEL}`).join(', ')}]` },
  { title: 'objects in another order', count: 2, answer: (r) => success(r, r.request.objects.toReversed().map((o) => upgraded(o))), message: `${HOOK} returned invalid converted object at index 0: must have the same name: a != b` },
];
for (const { title, answer, message, count = 1 } of FAILURES) {
  test(`refuses ${title}`, async (t) => {
    const objects = ['a', 'b'].slice(0, count).map(stored);
    const error = await t.throwsAsync(converterOf(answer).convert(objects, 'example.com/v2'), { instanceOf: StatusError });
    t.is(error.message, message);
    t.is(error.httpCode, 500);
  });
}

test('refuses an answer to another request', async (t) => {
  const error = await t.throwsAsync(converterOf((r) => ({ ...success(r, []), response: { uid: 'other', result: { status: 'Success' } } })).convert([stored('a')], 'example.com/v2'));
  t.regex(error.message, /failed: expected response\.uid="[0-9a-f-]+", got "other"$/);
});

test('speaks v1beta1 with webhooks that want it, and no version that it does not know', async (t) => {
  const old = converterOf((r) => ({ response: { result: { status: 'Success' }, convertedObjects: r.request.objects.map((o) => upgraded(o)) } }), ['v9', 'v1beta1']);
  t.is((await old.convert([stored('a')], 'example.com/v2'))[0]?.apiVersion, 'example.com/v2');
  const error = await t.throwsAsync(converterOf(() => undefined, ['v9']).convert([stored('a')], 'example.com/v2'));
  t.is(error.message, 'no supported conversion review versions');
});

test('a question has all that Go writes, and a bundle of white space is none', async (t) => {
  const asked: WebhookCall[] = [];
  const call = (question: WebhookCall): Promise<unknown> => {
    asked.push(question);
    const review = question.body as Review;
    return Promise.resolve(success(review, review.request.objects.map((o) => upgraded(o))));
  };
  await new WebhookConverter({ clientConfig: { url: 'https://hook', caBundle: 'Cg==' }, conversionReviewVersions: ['v1'] }, { schema, webhooks: { call } }).convert([stored('a')], 'example.com/v2');
  t.like(asked[0], { config: { url: 'https://hook', caBundle: undefined }, body: { kind: 'ConversionReview', apiVersion: 'apiextensions.k8s.io/v1', response: { uid: '', convertedObjects: null, result: { metadata: {} } } } });
});
