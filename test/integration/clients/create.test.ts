import { webcrypto } from 'node:crypto';
import { loadX509 } from '#api/certificates/certificate-request.ts';
import { certificateRequest } from '#test/support/certificate-request.ts';
import { kubectlTest } from './support/kubectl.ts';

kubectlTest('create makes every kind that it has a generator for', async (kubectl) => {
  kubectl.files({ ...(await serverCertificate()), 'app.properties': 'color=blue\n', 'app.env': 'A=1\nB=2\n' });
  await kubectl.rows(
    ['create clusterrole $ns-reader --verb=get,list --resource=pods,deployments.apps', 'clusterrole.rbac.authorization.k8s.io/$ns-reader created'],
    ["get clusterrole $ns-reader -o jsonpath={.rules}", '[{"apiGroups":[""],"resources":["pods"],"verbs":["get","list"]},{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get","list"]}]'],
    ['create clusterrole $ns-urls --verb=get --non-resource-url=/logs/*', 'clusterrole.rbac.authorization.k8s.io/$ns-urls created'],
    ['create clusterrolebinding $ns-readers --clusterrole=$ns-reader --user=jane --group=team', 'clusterrolebinding.rbac.authorization.k8s.io/$ns-readers created'],
    ['create role editor --verb=* --resource=configmaps --resource-name=one', 'role.rbac.authorization.k8s.io/editor created'],
    ['create rolebinding editors --role=editor --serviceaccount=$ns:robot', 'rolebinding.rbac.authorization.k8s.io/editors created'],
    ['create serviceaccount robot', 'serviceaccount/robot created'],
    ['create token robot --duration=10m', /^ey[\w-]+\.ey[\w-]+\.[\w-]+$/],
    ['create token robot --audience=other --bound-object-kind=Secret --bound-object-name=none', /error: failed to create token: secrets "none" not found/i, { fails: true }],
    ['create token nobody', 'error: failed to create token: serviceaccounts "nobody" not found', { fails: true }],
    ['create configmap plain --from-literal=a=b --from-file=app.properties --from-file=named=app.env', 'configmap/plain created'],
    ['get configmap plain -o jsonpath={.data}', '{"a":"b","app.properties":"color=blue\\n","named":"A=1\\nB=2\\n"}'],
    ['create configmap env --from-env-file=app.env', 'configmap/env created'],
    ['create configmap plain', 'error: failed to create configmap: configmaps "plain" already exists', { fails: true }],
    ['create configmap Bad_Name', /The ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of|error: failed to create configmap: ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of/, { fails: true }],
    ['create secret generic password --from-literal=user=admin', 'secret/password created'],
    ['get secret password -o jsonpath={.type}/{.data.user}', 'Opaque/YWRtaW4='],
    ['create secret tls front --cert=tls.crt --key=tls.key', 'secret/front created'],
    ['create secret docker-registry pull --docker-server=r.example --docker-username=u --docker-password=p', 'secret/pull created'],
    ["get secrets --sort-by=.metadata.name -o custom-columns=NAME:.metadata.name,TYPE:.type --no-headers", /^front\s+kubernetes.io\/tls\npassword\s+Opaque\npull\s+kubernetes.io\/dockerconfigjson$/],
    ["create cronjob hourly --image=busybox --schedule='0 * * * *' -- date", 'cronjob.batch/hourly created'],
    ["create cronjob wrong --image=busybox --schedule=often", /spec.schedule: Invalid value: "often"/, { fails: true }],
    ['create job once --image=busybox -- date', 'job.batch/once created'],
    ['create job from-cron --from=cronjob/hourly', 'job.batch/from-cron created'],
    ['get job from-cron -o jsonpath={.metadata.annotations}/{.metadata.ownerReferences[0].kind}', '{"cronjob.kubernetes.io/instantiate":"manual"}/CronJob'],
    ['create deployment web --image=nginx --image=busybox --replicas=2', 'deployment.apps/web created'],
    ['create deployment one --image=nginx --port=80', 'deployment.apps/one created'],
    ["create ingress site --class=web --rule='site.example/path*=web:80,tls=front' --annotation=a=b", 'ingress.networking.k8s.io/site created'],
    ['get ingress site', /NAME\s+CLASS\s+HOSTS\s+ADDRESS\s+PORTS\s+AGE\nsite\s+web\s+site.example\s+80, 443/],
    ['create poddisruptionbudget half --selector=app=web --min-available=50%', 'poddisruptionbudget.policy/half created'],
    ['create priorityclass $ns-high --value=1000 --description=important', 'priorityclass.scheduling.k8s.io/$ns-high created'],
    ['create quota limits --hard=pods=20,configmaps=9', 'resourcequota/limits created'],
    ['create quota scoped --hard=pods=20 --scopes=BestEffort', 'resourcequota/scoped created'],
    ['create service clusterip inner --tcp=80:8080', 'service/inner created'],
    ['create service clusterip headless --clusterip=None', 'service/headless created'],
    ['create service nodeport outer --tcp=80', 'service/outer created'],
    ['create service loadbalancer front --tcp=443:8443', 'service/front created'],
    ['create service externalname alias --external-name=example.org', 'service/alias created'],
    ['get svc --sort-by=.metadata.name', [/NAME\s+TYPE\s+CLUSTER-IP\s+EXTERNAL-IP\s+PORT\(S\)\s+AGE\n/, /alias\s+ExternalName\s+<none>\s+example.org\s+<none>\s+[\dms]+/, /front\s+LoadBalancer\s+10\.\S+\s+<pending>\s+443:3\d{4}\/TCP/, /headless\s+ClusterIP\s+None\s+<none>\s+<none>/, /inner\s+ClusterIP\s+10\.\S+\s+<none>\s+80\/TCP/, /outer\s+NodePort\s+10\.\S+\s+<none>\s+80:3\d{4}\/TCP/]],
    ['create namespace $ns-more', 'namespace/$ns-more created'],
    ['create namespace $ns-more', 'Error from server (AlreadyExists): namespaces "$ns-more" already exists', { fails: true }],
    ['create configmap x -n absent', 'error: failed to create configmap: namespaces "absent" not found', { fails: true }],
    ['delete namespace $ns-more', 'namespace "$ns-more" deleted'],
  );
});

kubectlTest('run, expose and autoscale', async (kubectl) => {
  await kubectl.rows(
    ['run web --image=nginx --port=80 --labels=app=web --env=A=b', 'pod/web created'],
    ['run web --image=nginx', 'Error from server (AlreadyExists): pods "web" already exists', { fails: true }],
    ['run dry --image=nginx --dry-run=client -o name', 'pod/dry'],
    ['run dry --image=nginx --dry-run=server', 'pod/dry created (server dry run)'],
    ['run piece --image=nginx --restart=Never --overrides={"spec":{"nodeSelector":{"a":"b"}}}', 'pod/piece created'],
    ['get pod piece -o jsonpath={.spec.restartPolicy}{.spec.nodeSelector.a}', 'Neverb'],
    ['wait --for=condition=Ready pod/web --timeout=20s', 'pod/web condition met'],
    ['expose pod web --port=8080 --target-port=80 --name=web', 'service/web exposed'],
    ['get svc web -o jsonpath={.spec.selector.app}:{.spec.ports[0].port}:{.spec.ports[0].targetPort}', 'web:8080:80'],
    ['get endpointslices -l kubernetes.io/service-name=web', /NAME\s+ADDRESSTYPE\s+PORTS\s+ENDPOINTS\s+AGE\nweb-\w+\s+IPv4\s+80\s+10\.\d+\.\d+\.\d+\s+[\dms]+/, { eventually: true }],
    ['create deployment front --image=nginx --port=80', 'deployment.apps/front created'],
    ['expose deployment front --type=NodePort', 'service/front exposed'],
    ['expose service front --port=90 --name=front-two', 'service/front-two exposed'],
    ['expose pod piece --port=1', /couldn't retrieve selectors|service\/piece exposed/, {}],
    ['autoscale deployment front --min=2 --max=5 --cpu-percent=80', [/horizontalpodautoscaler.autoscaling\/front autoscaled/]],
    ['get hpa front', /NAME\s+REFERENCE\s+TARGETS\s+MINPODS\s+MAXPODS\s+REPLICAS\s+AGE\nfront\s+Deployment\/front\s+cpu: <unknown>\/80%\s+2\s+5\s+0\s+[\dms]+/],
    ['get horizontalpodautoscalers.v1.autoscaling front -o jsonpath={.spec.targetCPUUtilizationPercentage}', '80'],
    ['delete pod web --now', /pod "web" deleted/],
  );
});

kubectlTest('rights: can-i, whoami, reconcile and certificates', async (kubectl) => {
  kubectl.files({ 'rbac.yaml': RBAC, 'request.yaml': await signingRequest('$ns-alice'), 'denied.yaml': await signingRequest('$ns-mallory') });
  await kubectl.rows(
    ['auth can-i create pods', 'yes'],
    ['auth can-i get /healthz', 'yes'],
    ['auth can-i list secrets --as=jane', 'no', { fails: true }],
    ['auth can-i list secrets --as=jane --quiet', '', { fails: true }],
    ['auth can-i --list --as=jane', [/Resources\s+Non-Resource URLs\s+Resource Names\s+Verbs/, /selfsubjectaccessreviews.authorization.k8s.io\s+\[\]\s+\[\]\s+\[create\]/, /\[\/version\]\s+\[\]\s+\[get\]/]],
    ['auth can-i use gizmos', [/Warning: the server doesn't have a resource type 'gizmos'/, /yes/]],
    ['auth whoami', [/ATTRIBUTE\s+VALUE/, /Username\s+\S+/, /Groups\s+\[system:masters system:authenticated\]/]],
    ['auth whoami --as=jane --as-group=team -o jsonpath={.status.userInfo.username}{.status.userInfo.groups}', 'jane["team","system:authenticated"]'],
    ['auth reconcile -f rbac.yaml', [/role.rbac.authorization.k8s.io\/viewer reconciled\n/, /\treconciliation required create\n\tmissing rules added:\n\t\t{Verbs:\[get\] APIGroups:\[\] Resources:\[configmaps\] ResourceNames:\[\] NonResourceURLs:\[\]}/, /rolebinding.rbac.authorization.k8s.io\/viewers reconciled/]],
    // The authorizer learns of roles by a watch.
    ['auth can-i get configmaps --as=jane', 'yes', { eventually: true }],
    ['create role escalated --verb=get --resource=secrets --as=jane', /roles.rbac.authorization.k8s.io is forbidden: User "jane" cannot create resource "roles" in API group "rbac.authorization.k8s.io" in the namespace "\S+"/, { fails: true }],
    ['create -f request.yaml', 'certificatesigningrequest.certificates.k8s.io/$ns-alice created'],
    ['get csr $ns-alice', /NAME\s+AGE\s+SIGNERNAME\s+REQUESTOR\s+REQUESTEDDURATION\s+CONDITION\n\S+\s+[\dms]+\s+kubernetes.io\/kube-apiserver-client\s+\S+\s+<none>\s+Pending/],
    ['certificate approve $ns-alice', 'certificatesigningrequest.certificates.k8s.io/$ns-alice approved'],
    ['get csr $ns-alice', /Approved,Issued/, { eventually: true }],
    ['create -f denied.yaml', 'certificatesigningrequest.certificates.k8s.io/$ns-mallory created'],
    ['certificate deny $ns-mallory', 'certificatesigningrequest.certificates.k8s.io/$ns-mallory denied'],
    ['get csr $ns-mallory', /\sDenied$/],
    ['certificate approve none', 'Error from server (NotFound): certificatesigningrequests.certificates.k8s.io "none" not found', { fails: true }],
  );
});

const RBAC = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: viewer, namespace: $ns }
rules: [{ apiGroups: [""], resources: [configmaps], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: viewers, namespace: $ns }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: viewer }
subjects: [{ kind: User, name: jane, apiGroup: rbac.authorization.k8s.io }]
`;

async function signingRequest(name: string): Promise<string> {
  const { request } = await certificateRequest({ commonName: 'alice' });
  const spec = { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
  return JSON.stringify({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec });
}

/** A self-signed certificate and its key, in PEM. */
async function serverCertificate(): Promise<Readonly<Record<string, string>>> {
  const x509 = await loadX509();
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = (await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({ name: 'CN=site.example', keys, signingAlgorithm });
  return { 'tls.crt': certificate.toString('pem'), 'tls.key': x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY') };
}
