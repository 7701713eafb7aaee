import test from 'ava';
import { Negotiator, type Offer } from '#apiserver/http/media-type.ts';

const OBJECT: Offer = { hasProtobuf: true, hasTable: true, hasMetadata: true, hasDiscovery: false, isStream: false };
const CUSTOM: Offer = { ...OBJECT, hasProtobuf: false };
const GROUPS: Offer = { ...OBJECT, hasDiscovery: true };
const DISCOVERY = 'as=APIGroupDiscoveryList;g=apidiscovery.k8s.io';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const TABLE = 'as=Table;v=v1;g=meta.k8s.io';
const METADATA = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

const cases: readonly { readonly accept: string | undefined; readonly offer?: Offer; readonly chosen: object | undefined }[] = [
  { accept: undefined, chosen: { encoding: 'json', as: 'object' } },
  { accept: '*/*', chosen: { encoding: 'json' } },
  { accept: 'application/*', chosen: { encoding: 'json' } },
  { accept: `${PROTOBUF},application/json`, chosen: { encoding: 'protobuf' } },
  { accept: `${PROTOBUF},application/json`, offer: CUSTOM, chosen: { encoding: 'json' } },
  { accept: PROTOBUF, offer: CUSTOM, chosen: undefined },
  { accept: `${PROTOBUF};${METADATA}`, offer: CUSTOM, chosen: { encoding: 'protobuf', as: 'PartialObjectMetadata' } },
  { accept: 'application/yaml;q=0.5, application/json;q=0.9', chosen: { encoding: 'json' } },
  { accept: '*/*, application/yaml', chosen: { encoding: 'yaml' } },
  { accept: '*/*, application/yaml;q=0.1', chosen: { encoding: 'yaml' } },
  { accept: 'application/yaml;q=0.1, */*', chosen: { encoding: 'json' } },
  { accept: 'application/json;q=0, application/yaml', chosen: { encoding: 'yaml' } },
  { accept: 'application/json;q=0, text/html', chosen: { encoding: 'json' } },
  { accept: 'application/yaml;q=x, application/json;q=.5', chosen: { encoding: 'json' } },
  { accept: 'application/yaml;q=, application/json;q=0.5', chosen: { encoding: 'yaml' } },
  { accept: 'application/yaml;stream=watch', chosen: undefined },
  { accept: 'APPLICATION/JSON', chosen: undefined },
  { accept: '*;pretty=1', chosen: { encoding: 'json', isPretty: true } },
  { accept: 'application/json;as="Table";v="v1";g="meta.k8s.io"', chosen: undefined },
  { accept: `application/json;${TABLE},application/json`, chosen: { as: 'Table', version: 'v1' } },
  { accept: `application/json;${TABLE},application/json`, offer: { ...OBJECT, hasTable: false }, chosen: { as: 'object' } },
  { accept: `application/json;${TABLE}`, offer: { ...OBJECT, hasTable: false }, chosen: undefined },
  { accept: `${PROTOBUF};${TABLE}`, chosen: undefined },
  { accept: 'application/json;as=Table;v=v2;g=meta.k8s.io', chosen: undefined },
  { accept: `application/json;${DISCOVERY};v=v2`, chosen: undefined },
  { accept: `application/json;${DISCOVERY};v=v2`, offer: GROUPS, chosen: { encoding: 'json', isDiscovery: true } },
  { accept: `application/json;${DISCOVERY};v=v2beta1`, offer: GROUPS, chosen: undefined },
  { accept: `application/json;${DISCOVERY};v=v2beta1,application/json`, offer: GROUPS, chosen: { encoding: 'json', isDiscovery: undefined } },
  { accept: `application/json,${PROTOBUF};${DISCOVERY};v=v2`, offer: GROUPS, chosen: { encoding: 'protobuf', isDiscovery: true } },
  { accept: `application/yaml;${DISCOVERY};v=v2;profile=nopeer;q=0.5,application/json`, offer: GROUPS, chosen: { encoding: 'yaml', isDiscovery: true } },
  { accept: `${PROTOBUF};stream=watch`, offer: { ...OBJECT, isStream: true }, chosen: { encoding: 'protobuf' } },
  { accept: 'application/yaml', offer: { ...OBJECT, isStream: true }, chosen: undefined },
  { accept: 'text/html', chosen: undefined },
  { accept: 'application', chosen: undefined },
  { accept: 'application/json;sv=v1', chosen: undefined },
  { accept: 'application/json;sv=v1', offer: { ...OBJECT, serverVersion: 'v1' }, chosen: { encoding: 'json' } },
  { accept: 'application/json;q=0', chosen: { encoding: 'json' } },
  { accept: 'application/json;q=x, application/yaml;q=0.1', chosen: { encoding: 'yaml' } },
  { accept: '*/*;q=0.9, application/yaml;q=0.5', chosen: { encoding: 'yaml' } },
  { accept: 'application/yaml;q=0.5, */*;q=0.9', chosen: { encoding: 'json' } },
  { accept: 'application/json;as="Table";v="v1";g="meta.k8s.io"', chosen: undefined },
  { accept: 'application/json;as=;g;v=v1=v1', chosen: { as: 'object' } },
  { accept: 'Application/JSON', chosen: undefined },
  { accept: 'application/yaml;as=Table', offer: { ...OBJECT, isFixed: true }, chosen: { encoding: 'json' } },
  { accept: 'application/json; export=true', chosen: { encoding: 'json', as: 'object' } },
  { accept: 'unrecognized/stuff,application/json; pretty=1', chosen: { encoding: 'json', isPretty: true } },
];

for (const [i, { accept, offer = OBJECT, chosen }] of cases.entries()) {
  test(`${i}: ${accept ?? 'no header'} is ${chosen ? JSON.stringify(chosen) : 'refused'}`, (t) => {
    const negotiator = new Negotiator();
    if (chosen) t.like(negotiator.negotiate(accept, offer), chosen);
    else t.throws(() => negotiator.negotiate(accept, offer), { message: /^only the following media types are accepted: application\/json/ });
  });
}

test('a router in front takes no type that it does not know by its name', (t) => {
  const routed = { ...OBJECT, routed: ['application/json', 'application/yaml'] };
  for (const accept of ['application/*', '*', 'text/html', 'application/json/x', `${PROTOBUF}, application/*`]) {
    t.throws(() => new Negotiator().negotiate(accept, routed), { message: '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml' }, accept);
  }
  t.like(new Negotiator().negotiate(`${PROTOBUF}, text/html, application/json;q=0`, routed), { encoding: 'protobuf' });
});
