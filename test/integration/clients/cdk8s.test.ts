import { ApiObject, App, Chart } from 'cdk8s';
import { kubectlTest } from './support/kubectl.ts';

/** What a cdk8s program writes: several objects that depend on each other, in one stream. */
function shopManifest(namespace: string): string {
  const app = new App();
  const chart = new Chart(app, 'shop', { namespace, labels: { part: 'shop' } });
  const labels = { app: 'shop' };
  const settings = new ApiObject(chart, 'settings', { apiVersion: 'v1', kind: 'ConfigMap', data: { color: 'blue' } });
  const containers = [{ name: 'shop', image: 'shop:1', envFrom: [{ configMapRef: { name: settings.name } }] }];
  const deployment = new ApiObject(chart, 'deployment', { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } } });
  deployment.addDependency(settings);
  const service = new ApiObject(chart, 'service', { apiVersion: 'v1', kind: 'Service', spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } });
  service.addDependency(deployment);
  return app.synthYaml();
}

kubectlTest('the output of cdk8s is applied, ready, unchanged the second time, and deleted', async (kubectl) => {
  kubectl.files({ 'shop.yaml': shopManifest(kubectl.namespace) });
  await kubectl.rows(
    ['apply -f shop.yaml', /^configmap\/\S+ created\ndeployment.apps\/\S+ created\nservice\/\S+ created$/],
    ['wait --for=condition=Available deployments -l part=shop --timeout=30s', /condition met$/],
    ['get configmaps -l part=shop -o jsonpath={.items[*].data.color}', 'blue'],
    ['diff -f shop.yaml', ''],
    ['apply -f shop.yaml', /^configmap\/\S+ unchanged\ndeployment.apps\/\S+ unchanged\nservice\/\S+ unchanged$/],
    ['apply --server-side -f shop.yaml', /^configmap\/\S+ serverside-applied\ndeployment.apps\/\S+ serverside-applied\nservice\/\S+ serverside-applied$/],
    ['delete -f shop.yaml', /^configmap "\S+" deleted/],
    ['get deployments,configmaps,services -l part=shop', 'No resources found in $ns namespace.'],
  );
});
