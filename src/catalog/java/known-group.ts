/**
 * Groups of libraries that are published without a `pom.properties` inside and whose manifest names no group, or another
 * one (their own build files and Maven Central say so). A name that ends in `*` stands for all names that begin so.
 */
const artifactsByGroup: Readonly<Record<string, string>> = {
  'org.springframework':
    'spring spring-aop spring-aspects spring-beans spring-context spring-context-indexer spring-context-support spring-core spring-core-test spring-expression spring-instrument spring-jcl spring-jdbc spring-jms spring-messaging spring-orm spring-oxm spring-r2dbc spring-test spring-tx spring-web spring-webflux spring-webmvc spring-webmvc-portlet spring-websocket',
  'org.springframework.boot':
    'spring-boot spring-boot-actuator spring-boot-actuator-autoconfigure spring-boot-autoconfigure spring-boot-configuration-processor spring-boot-devtools spring-boot-docker-compose spring-boot-jarmode-layertools spring-boot-jarmode-tools spring-boot-loader spring-boot-loader-classic spring-boot-properties-migrator spring-boot-starter spring-boot-starter-* spring-boot-test spring-boot-test-autoconfigure',
  'org.springframework.security':
    'spring-security-acl spring-security-aspects spring-security-cas spring-security-config spring-security-core spring-security-crypto spring-security-data spring-security-ldap spring-security-messaging spring-security-oauth2-authorization-server spring-security-oauth2-client spring-security-oauth2-core spring-security-oauth2-jose spring-security-oauth2-resource-server spring-security-openid spring-security-remoting spring-security-rsocket spring-security-saml2-service-provider spring-security-taglibs spring-security-test spring-security-web',
  'org.springframework.integration': 'spring-integration-*',
  'org.springframework.batch': 'spring-batch-*',
  'org.springframework.session':
    'spring-session-core spring-session-data-redis spring-session-jdbc spring-session-hazelcast',
  'org.springframework.kafka': 'spring-kafka spring-kafka-test',
  'org.springframework.amqp': 'spring-amqp spring-rabbit spring-rabbit-junit spring-rabbit-stream spring-rabbit-test',
  'org.springframework.ldap': 'spring-ldap-core spring-ldap-test',
  'org.springframework.webflow': 'spring-webflow spring-binding spring-js spring-faces',
  'org.springframework.retry': 'spring-retry',
  'org.springframework.hateoas': 'spring-hateoas',
  'org.apache.tomcat':
    'tomcat-annotations-api tomcat-api tomcat-catalina tomcat-catalina-ant tomcat-catalina-ha tomcat-coyote tomcat-dbcp tomcat-el-api tomcat-i18n-* tomcat-jasper tomcat-jasper-el tomcat-jaspic-api tomcat-jdbc tomcat-jni tomcat-jsp-api tomcat-juli tomcat-servlet-api tomcat-ssi tomcat-storeconfig tomcat-tribes tomcat-util tomcat-util-scan tomcat-websocket tomcat-websocket-api tomcat-websocket-client-api',
  'org.apache.tomcat.embed':
    'tomcat-embed-core tomcat-embed-el tomcat-embed-jasper tomcat-embed-logging-juli tomcat-embed-programmatic tomcat-embed-websocket',
  'org.apache.lucene': 'lucene-*',
  'org.apache.solr': 'solr-core solr-solrj',
  'org.apache.kafka':
    'kafka-clients kafka-streams kafka-server-common kafka-raft kafka-metadata kafka_2.12 kafka_2.13 connect-api connect-runtime',
  'org.apache.xmlbeans': 'xmlbeans',
  'org.apache.poi': 'poi poi-excelant poi-ooxml poi-ooxml-full poi-ooxml-lite poi-ooxml-schemas poi-scratchpad',
  'org.apache.xmlgraphics': 'batik-* fop xmlgraphics-commons',
  'org.apache.derby': 'derby derbyclient derbynet derbytools derbyshared',
  'org.apache.ant': 'ant ant-junit ant-launcher',
  'org.apache.ivy': 'ivy',
  'org.apache.velocity': 'velocity-engine-core',
  'org.elasticsearch': 'elasticsearch elasticsearch-cli elasticsearch-core elasticsearch-x-content',
  'org.opensearch': 'opensearch opensearch-core opensearch-x-content',
  'io.grpc':
    'grpc-alts grpc-api grpc-auth grpc-context grpc-core grpc-inprocess grpc-netty grpc-netty-shaded grpc-okhttp grpc-protobuf grpc-protobuf-lite grpc-services grpc-stub grpc-util grpc-xds',
  'io.micrometer':
    'micrometer-commons micrometer-core micrometer-jakarta9 micrometer-observation micrometer-registry-* micrometer-tracing micrometer-tracing-bridge-brave micrometer-tracing-bridge-otel',
  'io.opentelemetry':
    'opentelemetry-api opentelemetry-context opentelemetry-sdk opentelemetry-sdk-* opentelemetry-exporter-*',
  'io.projectreactor': 'reactor-core reactor-test reactor-tools',
  'io.projectreactor.netty': 'reactor-netty reactor-netty-*',
  'io.projectreactor.addons': 'reactor-extra reactor-pool reactor-adapter',
  'io.ktor': 'ktor-*',
  'io.rsocket': 'rsocket-core rsocket-transport-netty',
  'com.squareup.okhttp': 'okhttp-urlconnection',
  'com.squareup.okhttp3': 'okhttp logging-interceptor mockwebserver okhttp-tls okhttp-sse',
  'com.squareup.okio': 'okio okio-jvm',
  'com.squareup.retrofit2': 'retrofit converter-gson converter-jackson',
  'org.jetbrains.kotlin': 'kotlin-stdlib kotlin-stdlib-* kotlin-reflect kotlin-compiler kotlin-compiler-embeddable',
  'org.jetbrains.kotlinx': 'kotlinx-*',
  'org.hibernate': 'hibernate-entitymanager hibernate-c3p0 hibernate-ehcache hibernate-java8',
  'org.aspectj': 'aspectjrt aspectjweaver aspectjtools',
  'org.bouncycastle':
    'bcprov-* bcpkix-* bcutil-* bcmail-* bcpg-* bctls-* bcjmail-* bc-fips bcprov bcpkix bcutil bcmail bcpg bctls',
  'org.mockito': 'mockito-all mockito-core mockito-inline mockito-junit-jupiter',
  'org.junit.jupiter': 'junit-jupiter junit-jupiter-*',
  'org.junit.platform': 'junit-platform-*',
  'org.junit.vintage': 'junit-vintage-engine',
  'org.quartz-scheduler': 'quartz quartz-jobs',
  'org.hsqldb': 'hsqldb',
  'com.h2database': 'h2 h2-mvstore',
  'org.postgresql': 'postgresql',
  mysql: 'mysql-connector-java',
  'com.mysql': 'mysql-connector-j',
  'org.mariadb.jdbc': 'mariadb-java-client',
  'com.oracle.database.jdbc': 'ojdbc8 ojdbc10 ojdbc11 ucp',
  'org.mongodb': 'mongodb-driver-* mongo-java-driver bson',
  'com.zaxxer': 'HikariCP',
  'org.eclipse.jgit': 'org.eclipse.jgit org.eclipse.jgit.*',
  'com.thoughtworks.xstream': 'xstream xstream-hibernate',
  'net.minidev': 'json-smart accessors-smart',
  'com.jayway.jsonpath': 'json-path',
  'commons-beanutils': 'commons-beanutils',
  'commons-cli': 'commons-cli',
  'commons-codec': 'commons-codec',
  'commons-collections': 'commons-collections',
  'commons-configuration': 'commons-configuration',
  'commons-daemon': 'commons-daemon',
  'commons-dbcp': 'commons-dbcp',
  'commons-dbutils': 'commons-dbutils',
  'commons-digester': 'commons-digester',
  'commons-discovery': 'commons-discovery',
  'commons-el': 'commons-el',
  'commons-fileupload': 'commons-fileupload',
  'commons-httpclient': 'commons-httpclient',
  'commons-io': 'commons-io',
  'commons-jxpath': 'commons-jxpath',
  'commons-lang': 'commons-lang',
  'commons-logging': 'commons-logging',
  'commons-net': 'commons-net',
  'commons-pool': 'commons-pool',
  'commons-validator': 'commons-validator',
  'org.apache.commons':
    'commons-collections4 commons-compress commons-configuration2 commons-csv commons-dbcp2 commons-email commons-exec commons-fileupload2-core commons-jexl commons-jexl3 commons-lang3 commons-math3 commons-pool2 commons-text commons-vfs2',
  log4j: 'log4j',
  'org.apache.logging.log4j':
    'log4j-api log4j-core log4j-1.2-api log4j-web log4j-slf4j-impl log4j-slf4j2-impl log4j-jcl log4j-jul',
  'ch.qos.logback': 'logback-core logback-classic logback-access',
  'org.slf4j':
    'slf4j-api slf4j-ext slf4j-jdk14 slf4j-log4j12 slf4j-nop slf4j-reload4j slf4j-simple jcl-over-slf4j jul-to-slf4j log4j-over-slf4j',
  xerces: 'xercesImpl',
  xalan: 'xalan serializer',
  'xml-apis': 'xml-apis xml-apis-ext',
  xmlpull: 'xmlpull',
  junit: 'junit',
  aopalliance: 'aopalliance',
  antlr: 'antlr',
  velocity: 'velocity',
  'javax.inject': 'javax.inject',
};

const exact = new Map<string, string>();
const prefixes: (readonly [prefix: string, group: string])[] = [];
for (const [group, artifacts] of Object.entries(artifactsByGroup)) {
  for (const artifact of artifacts.split(' ')) {
    if (artifact.endsWith('*')) prefixes.push([artifact.slice(0, -1), group]);
    else if (artifact !== '') exact.set(artifact, group);
  }
}
prefixes.sort(([a], [b]) => b.length - a.length);

export function knownGroup(artifact: string): string | undefined {
  return exact.get(artifact) ?? prefixes.find(([prefix]) => artifact.startsWith(prefix))?.[1];
}
