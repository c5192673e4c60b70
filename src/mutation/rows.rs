//! The rows of the bug classes: which operators cover each, or why none does.

use super::operators::OPERATORS;

/// A row of the table of bug classes.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its id: C canonicalisation, V verification, K keys, D weakness of a scheme.
    pub id: &'static str,
    /// The mistake.
    pub says: &'static str,
    /// Reason why no operator covers it, where none does.
    pub left_out: Option<&'static str>,
    /// Threads on GitHub, advisories and documents where it was seen; empty where it is thought up.
    pub seen: &'static str,
}

/// Rows: id, what goes wrong; why no operator covers it, and where it was seen, if so.
macro_rules! rows {
    (@why) => { None };
    (@why $why:literal) => { Some($why) };
    ($($id:ident $says:literal $(untested $why:literal)? $(seen $seen:literal)?;)*) => {
        &[$(Row {
            id: stringify!($id),
            says: $says,
            left_out: rows!(@why $($why)?),
            seen: concat!($($seen)?),
        }),*]
    };
}

/// All rows.
pub static ROWS: &[Row] = rows! {
    C01 "a space as + in the canonical query"
        seen "ceph/ceph#35551; boto/botocore#1354; basho/riak_cs#1141; gifnksm/oauth-client-rs#16";
    C02 "+ in the path turned into a space"
        seen "anomalizer/ngx_aws_auth#87; ceph/ceph#10919; chimera-nas/chimera#702";
    C03 "the path encoded twice" seen "chimera-nas/chimera#702; envoyproxy/envoy#35023; Kong/insomnia#1681";
    C04 "the path encoded once where twice is right"
        seen "brendanhay/amazonka#529; sharetribe/aws-sig4#10; nolabs-ai/nono#1430";
    C05 "~ encoded" seen "minio/minio-py#798";
    C06 "!*'() left bare"
        seen "osmlab/ohauth#5; nbspou/dart-oauth1#10; kndt84/aws-api-gateway-client#129; AsyncHttpClient/async-http-client#1216; ceph/ceph#19761";
    C07 "@:=,; left bare"
        seen "envoyproxy/envoy#42165; soto-project/soto#601; mondain/jets3t#17; wojtekmach/req#374; agilord/aws_client#402";
    C08 "lower-case digits in escapes"
        seen "xach/zs3#21; brendanhay/amazonka#440; jqlang/jq#451; aws/aws-sdk-js-v3#2500; mhart/aws4, commit 7ddbd3a";
    C09 "one % for all bytes of a character" seen "durch/rust-s3#120; psnszsn/aws-sign-v4#9";
    C10 "another character set than UTF-8" seen "chilts/awssum#108; Azure/azure-sdk-for-node#872; github/docs#3567; alexcurtis/express-x-hub#3; publicmediaplatform/pmp-issues#49";
    C11 "escapes encoded again, or kept" seen "curl/curl#16927; curl/curl#11794; Azure/azure-storage-php#27";
    C12 "decoded twice by the verifier" seen "yunionio/cloudpods#25490";
    C13 "{}^|[] not encoded" seen "awslabs/aws-sdk-rust#330; WP-API/OAuth1#127";
    C14 "re-serialised by a URL library" seen "twilio/twilio-node#1061, #621, #1183; twilio/twilio-node, commits d8ea66be2, 3f62587dc and c22643167";
    C15 "the key not percent-encoded, or encoded where it must not be" seen "Shinmera/north#2";
    C16 "names encoded twice";
    C17 "%2F in a path segment";
    C20 "sorted before or after encoding, the wrong way round"
        seen "boto/botocore#1951, #1978; aws/aws-sdk-js#2511; aws/aws-sdk-php#3200; smithy-lang/smithy-typescript#1404; joestump/python-oauth2#75";
    C21 "values of a repeated name sorted raw" seen "smithy-lang/smithy-typescript#848; lyokato/p5-oauth-lite#5";
    C22 "joined strings sorted"
        seen "boto/botocore#434; boto/boto#1122; durch/rust-s3#204; mhart/aws4#103; tedder/requests-aws4auth#21, #45; eclipse-ee4j/jersey#1105; jdg/oauthconsumer#8";
    C23 "ties left in order, or sorted" seen "andersfugmann/aws-s3#40; mautic/api-library#75";
    C24 "no sort"
        seen "lucacasonato/deno_aws_sign_v4#7; yoshidan/google-cloud-rust#298; aliyun/api-gateway-nodejs-sdk#1";
    C25 "sorted where the message's order counts"
        seen "acquia/http-hmac-spec#26; bmlt-enabled/yap#1629; we-promise/sure#1425";
    C26 "sorted without regard to case"
        seen "AFNetworking/AFOAuth1Client#36; wandenberg/nginx-sorted-querystring-module#8";
    C27 "sorted by a locale" seen "openclaw/clawrouter#152; duosecurity/duo_api_nodejs#5";
    C28 "sorted by UTF-16 code units";
    C29 "names compared by prefix" seen "wandenberg/nginx-sorted-querystring-module#8";
    C30 "repeated names collapsed"
        seen "googleapis/google-oauth-java-client#36; daviddesberg/PHPoAuthLib#481; twilio/twilio-python#613";
    C31 "repeated names joined"
        seen "Shopify/shopify-api-php#232, #269, #403; nozzlegear/ShopifySharp#530; lpinca/shopify-token#8";
    C32 "arrays sorted by number" seen "aws/aws-sdk-php#3200; aliyun/openapi-core-nodejs-sdk#32, #33; boto/boto#1122";
    C33 "a parameter without = signed otherwise"
        seen "curl/curl#8107, #10129, #12244; soto-project/soto#117; aws/aws-sdk-java-v2#3369; xcir/libvmod-awsrest#24; aws/aws-sdk-js-v3#322, #754; ddo/oauth-1.0a, commit c666f8b";
    C34 "empty parameters dropped" seen "exoscale/pithos#85; AdRoll/goamz#423";
    C35 "a value cut at =" seen "tedder/requests-aws4auth#45; apache/opendal-reqsign#408";
    C36 "empty pieces of a query"
        untested "pieces are skipped by the wire rule before a scheme sees them; vectors pin it"
        seen "Azure/Azurite#2548";
    C37 "some parameters signed only" seen "Shopify/shopify-api-js#543; gnikyt/laravel-shopify#310; Shopify/shopify-api-js, commit 875f3817";
    C38 "the list of sub-resources incomplete"
        seen "chimera-nas/chimera#1101; aws/aws-sdk-js#182; bji/libs3#56; envato-archive/awsraw#7";
    C39 "response overrides encoded"
        untested "no scheme of the corpus has this part"
        seen "minio/minio-go#825; minio/minio#4916";
    C40 "names or values lower-cased"
        seen "Azure-Samples/storage-dotnet-rest-api-with-auth#12, #16; langwatch/langwatch#6092";
    C50 "double slashes collapsed" seen "tedder/requests-aws4auth#31; versity/versitygw#2274; aws/aws-sdk-kotlin#270";
    C51 "double slashes not collapsed" seen "smithy-lang/smithy-rs#1308; aws/aws-sdk-js#853";
    C52 "dot segments not removed" seen "aws/aws-sdk-java-v2#3534; smithy-lang/smithy-rs#2018";
    C53 "dot segments removed" seen "tedder/requests-aws4auth#31";
    C54 "slash at the end" seen "published signers differ on RFC 3986 section 5.2.4";
    C55 "empty path";
    C56 "default ports"
        seen "ddo/oauth-1.0a#59; r-lib/httr#435; thephpleague/oauth1-client#123; yahoo/TDOAuth#3; aws/aws-cli#2883; aws/aws-sdk-go#1618; fog/fog-aws#755; twilio/twilio-python#392; ceph/ceph#10160";
    C57 "IPv6 literals" untested "no scheme of the corpus signs the host" seen "ceph/ceph#30778";
    C58 "case of method, path or host"
        seen "joestump/python-oauth2#29; Azure-Samples/storage-dotnet-rest-api-with-auth#12";
    C59 "the query left in the address" seen "jrconlin/oauthsimple#13; Adyen 9.0.0 of Python, of a doubled backslash";
    C60 "header values not trimmed"
        seen "boto/botocore#1182; boto/boto#1025; aws/aws-sdk-go#4141; minio/minio#3162; chimera-nas/chimera#1102; oven-sh/bun#36108; afreidah/s3-orchestrator#497";
    C61 "white space in quotes" seen "boto/boto#3471; aws/aws-sdk-ruby#2760";
    C62 "tabs" untested "no scheme of the corpus has this part";
    C63 "several lines of one header field" seen "aws/aws-sdk-java-v2#2501, #2502";
    C64 "names compared in another case"
        seen "aws-amplify/aws-sdk-android#96; huaweicloud/huaweicloud-sdk-net-v3#64; apache/paimon#10086; minio/minio-java#252; slackapi/bolt-js#938; oauthlib/oauthlib#669";
    C65 "what is sent differs from what is signed" seen "rusoto/rusoto#446";
    C66 "a re-serialised body"
        seen "octokit/webhooks.js#71, #72, #96; Midtrans/midtrans-java#33; razorpay/razorpay-magento#251; sendgrid/sendgrid-php#1102; cyrusagents/cyrus#996; airqo-platform/AirQo-api#6616";
    C67 "a body decoded with replacement characters"
        seen "langchain-ai/open-swe#2319; octokit/webhooks.js#1155; activepieces/activepieces#14812";
    C68 "a byte-order mark stripped" seen "n8n-io/n8n#35933, of a body that is read";
    C69 "an empty body" seen "vectordotdev/vector#25978; Azure/azure-sdk-for-ios#585";
    C70 "the body of a GET ignored" seen "the code of a published signer";
    C71 "form parameters signed for other types, or not signed" seen "Kong/mashape-oauth#14; slackeventsapi 2.1.0";
    C72 "the time in another form" seen "wso2/product-integrator-mi#3468; aws/aws-sdk-js-v3#5811; svix/svix-webhooks#824";
    C73 "Unicode composed" seen "s3tools/s3cmd#639; aws/aws-cli#1639, of names of objects";
    C74 "leading zeros of digits dropped" seen "knowm/XChange#311";
    C75 "the result encoded otherwise" seen "product-os/jellyfish#4263";
    C76 "backslash and n for a line feed" seen "tencentyun/tls-sig-api-v2-php#5";
    C77 "separators" seen "TykTechnologies/tyk-docs-hugo#4261; TritonDataCenter/node-http-signature#10";
    C78 "signature parameters of RFC 9421"
        untested "no scheme of the corpus has this part"
        seen "WebOfTrust/signify-ts#230; httpwg/http-extensions#1903";
    C79 "query parameters of RFC 9421"
        untested "no scheme of the corpus has this part"
        seen "dhensby/node-http-message-signatures#163; httpwg/http-extensions#2417, #2505, #2517";
    C80 "duplicate components of RFC 9421"
        untested "no scheme of the corpus has this part"
        seen "permaweb/HyperBEAM#622";
    C81 "shadowed components of RFC 9421"
        untested "no scheme of the corpus has this part"
        seen "httpwg/http-extensions#1888";
    C82 "a signing key cached across midnight"
        untested "an implementation's memory, not its rule"
        seen "boto/botocore#162; alfg/docker-nginx-vod-module#10";
    C83 "a text replaced at one place alone, or not at all";
    C84 "-._~ left bare where they are encoded";
    C85 "a value cut at another place";
    C86 "a length in characters";
    C87 "0 taken as empty";
    C88 "a quoted value cut at a separator that it holds";
    C89 "a signature in its other form" seen "RFC 7518 section 3.4 warns of it";
    C90 "the address as it is seen behind a proxy"
        seen "omsmith/ims-lti#43, #62; viafintech/Barzahlen-PHP#17; dograh-hq/dograh#510; chobbledotcom/tickets#381; IQSS/dataverse#11787";
    C91 "Base64 with line feeds"
        seen "defunkt/hurl#25; twisted/treq#47; clj-commons/aleph#350; delphi-blocks/WiRL#34; shirok/Gauche#1208; chao/RESTClient#243";
    C92 "line feeds and spaces at the ends of lines" seen "TritonDataCenter/node-http-signature#82, #85, #122; manyfold3d/manyfold#2846; cmawhorter/hmmac#9; minio/minio#17774";
    C93 "a header field under another name" seen "unite-cms/unite-cms#185; linode/docs#1739; svlada/springboot-security-jwt#14; luckyframework/website#258; chrisbjr/api-guard#30";
    C94 "parameters kept in an object or a dictionary"
        seen "ddo/oauth-1.0a, commits d2defec and 8f40b64; twilio/twilio-python#613";
    C95 "the text of Python's bytes, b'…', in a value" seen "rauth 0.7.0, of signatures on Python 3";
    V01 "a prefix of the signature accepted" seen "CVE-2024-21491; RUSTSEC-2024-0010; svix/svix-webhooks#1190";
    V02 "comparison not in constant time"
        untested "no input shows it; it is read off the code"
        seen "octokit/webhooks.js#9; square/square-nodejs-sdk#129; razorpay/razorpay-node#469";
    V03 "a signature of wrong length throws"
        untested "an error, not another answer: the runner keeps errors apart from refusals"
        seen "rogerSuperBuilderAlpha/cursor-boston#1421, #1423";
    V04 "a signature beyond ASCII throws"
        untested "an error, not another answer: the runner keeps errors apart from refusals"
        seen "mercadopago/sdk-python#142; mishrasanjeev/grantex#892";
    V05 "an empty secret accepted"
        seen "stripe/stripe-java#2286; stripe/stripe-php#2142; stripe/stripe-dotnet#3445; stripe/stripe-ruby#1960; standard-webhooks/standard-webhooks#286; jferrl/go-githubauth#61";
    V06 "a secret of white space accepted" seen "NousResearch/hermes-agent#102069";
    V07 "a secret trimmed, or not" seen "kimdre/doco-cd#545; tuist/tuist#10484; stripe/stripe-node#1980";
    V08 "no freshness" seen "uhavin/slackers#3; mgomes/api_auth#8; vinyldns/vinyldns#1525; chimera-nas/chimera#492";
    V09 "future times accepted" seen "nammayatri/shared-kernel#1287";
    V10 "seconds against milliseconds" seen "mercadopago/sdk-python#142";
    V11 "the tolerance off by one" seen "stripe/stripe-php#1984; lettermint/lettermint-node#26; auth0/node-jsonwebtoken, commit 786d37b; tsndr/cloudflare-worker-jwt, commit afb9f58; PyJWT 2.6.0";
    V12 "a time that is no number" seen "profullstack/sh1pt#711; noobaa/noobaa-core#8493";
    V13 "numbers read leniently";
    V14 "first or last of a repeated field";
    V15 "the first bad signature ends the list" seen "eep-dev/EEP#93";
    V16 "a malformed header throws"
        untested "an error, not another answer: the runner keeps errors apart from refusals"
        seen "ubicloud/ubicloud#6099; composer/packagist#1756";
    V17 "the algorithm taken from the message" seen "ubicloud/ubicloud#6099; composer/packagist#1756";
    V18 "Base64 read leniently" seen "jackmusick/bifrost#727 states the policy; nearform/fast-jwt#607; CVE-2022-25898";
    V19 "case of digits" seen "mastodon/ostatus2#5, #6; LucasSantana-Dev/Lucky#2103";
    V20 "trailing junk ignored";
    V21 "other versions accepted";
    V22 "unsigned headers honoured" untested "no scheme of the corpus has this part" seen "CVE-2026-54330";
    V23 "a required part not required"
        seen "vinyldns/vinyldns#1525; afreidah/s3-orchestrator#107; 99designs/http-signatures-php#56; w3c-ccg/http-signatures#70; awscurl 0.39";
    V24 "scope not tied to the date" seen "chimera-nas/chimera#1187";
    V25 "a hash not compared with the body" seen "stackshy/cloudemu#839, #855";
    V26 "another place of credentials skips verification" seen "CVE-2025-31489; CVE-2026-41145; CVE-2026-40344";
    V27 "lifetimes"
        untested "no scheme of the corpus has this part"
        seen "minio/minio#5162; faiscadev/fakecloud#1577; s3s-project/s3s#645; fujita/swift3#49";
    V28 "the expected MAC in the error"
        untested "a message for people, not an answer; a test of the reference holds it"
        seen "abdolence/slack-morphism-rust#387";
    V29 "an absent signature valid" seen "PipedreamHQ/pipedream#1951; profullstack/qryptchat-web#40";
    V30 "Basic taken apart otherwise"
        seen "svenvc/zinc#60; h3js/h3#1463; psf/requests#2663; spring-projects/spring-security#7163; ninenines/cowlib#84";
    V31 "Bearer taken apart otherwise" seen "jetkvm/cloud-api#85; kubestellar/console#7374";
    V32 "the decoded path verified" seen "source-cooperative/data.source.coop#176; s3s-project/s3s#13";
    V33 "a counter that need not grow";
    V34 "a signature of zeros accepted" seen "CVE-2022-21449";
    V35 "a second signature made of a right one accepted" seen "CVE-2024-48949; Wycheproof, SignatureMalleability";
    V36 "an account found without regard to case"
        seen "dsquier/oauth2-server-php-mysql#12; ashirt-ops/ashirt-server#7; directus/v8-archive#1928; fleetdm/fleet#51471";
    V37 "texts compared as numbers" seen "CVE-2014-0166";
    V38 "the credential of another account accepted";
    V39 "what is wrong listed, and not what is permitted";
    V40 "memory by too much or too little of an id" seen "mozilla/fxa-auth-server#426";
    V41 "memory kept too early or too short"
        seen "microsoft/agent-governance-toolkit#2354; MutinyWallet/mutiny-net#11; alphaonedev/ai-memory-mcp#1061";
    V42 "addresses compared as texts";
    V43 "a header believed that anybody can send"
        seen "qjoly/talosctl-oidc#127; traefik/traefik#3646; OneUptime/oneuptime#3171; cloudfoundry/gorouter#179";
    V44 "a setting ignored";
    V45 "fields and members read leniently" seen "CVE-2021-23336; CVE-2020-28473; rack/rack#1732";
    V46 "no signature where the algorithm none is named" seen "authlib/authlib 1.6.7; auth0/node-jws, CVE-2016-1000223";
    V47 "some messages not verified: by their method, or with an empty body";
    K01 "a separator of the key left out"
        seen "ddo/oauth-1.0a#2; guzzle/oauth-subscriber#40, #42, #49; woocommerce/woocommerce-rest-api-docs#8";
    K02 "another key" seen "mountain-loop/yaak#611; lorenbrichter/OAuthCore#4";
    K03 "a key decoded, or not" seen "standard-webhooks/standard-webhooks#235; nextlyhq/nextly#227";
    K04 "a key in another Base64" seen "published verifiers differ";
    K06 "the secret in another place of what is hashed" seen "benetech/mmlc-api#130; smeevil/cloudex#27";
    K07 "hexadecimal digits of a hash as a key" seen "tidbyt/pixlet#821; openbullet/openbullet#663; varnish/libvmod-digest#15";
    K08 "a credential that was never loaded"
        seen "s-KaiNet/node-sp-auth#102; postmanlabs/postman-app-support#2406; aspnetboilerplate/module-zero-core-template#306; microsoft/cognitive-services-speech-sdk-js#556; devfans/digest-fetch, commit a8f01a4";
    K05 "the public half of a pair as a secret" seen "CVE-2015-9235; CVE-2016-10555; CVE-2022-29217; CVE-2023-48238; CVE-2024-37568";
    D01 "no delimiter between parts"
        untested "a weakness of schemes, shown by vectors, not a mistake of implementations"
        seen "advisory MOCB-01 of 2009; daemonology.net, 2008-12-18, on AWS Signature Version 1";
    D02 "a hash where a MAC is due" seen "advisory MOCB-01 of 2009";
    D03 "delimiters inside values" seen "Vonage/vonage-php-sdk-core#25";
    D04 "dots inside an id" untested "no scheme of the corpus has this part" seen "Standard Webhooks, specification";
    D05 "line feeds inside a part"
        untested "a weakness of schemes, shown by vectors, not a mistake of implementations"
        seen "RFC 9421 section 7.5";
    D06 "names and values joined"
        untested "a weakness of schemes, shown by vectors, not a mistake of implementations"
        seen "the code of a published signer";
};

impl Row {
    /// Ids of the operators that cover this row.
    pub fn operators(&self) -> Vec<&'static str> {
        let covers = OPERATORS.iter().copied().flatten().filter(|operator| operator.rows.contains(&self.id));
        covers.map(|operator| operator.id).collect()
    }
}
