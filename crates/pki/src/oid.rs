//! Object identifiers, named as in GB/T 33560-2017 annex A, GB/T 35275 and RFC 5280.

use der::asn1::ObjectIdentifier;

const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

/// id-ecPublicKey (ANSI X9.62).
pub const EC_PUBLIC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");
/// SM2: the curve, and in OpenSSL's form also the algorithm of the key.
pub const SM2: ObjectIdentifier = oid("1.2.156.10197.1.301");
/// SM2-1, the signature algorithm; GB/T 35275 names it in `digestEncryptionAlgorithm`.
pub const SM2_SIGN: ObjectIdentifier = oid("1.2.156.10197.1.301.1");
/// SM2 with SM3: the signature algorithm of certificates, CRLs and requests.
pub const SM2_WITH_SM3: ObjectIdentifier = oid("1.2.156.10197.1.501");
/// SM3.
pub const SM3: ObjectIdentifier = oid("1.2.156.10197.1.401");
/// SM3 without key, a second name of the same function.
pub const SM3_UNKEYED: ObjectIdentifier = oid("1.2.156.10197.1.401.1");

/// SHA-1: only to name issuers and certificates, as older protocols do.
pub const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");
/// SHA-256.
pub const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
/// SHA-384.
pub const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
/// SHA-512.
pub const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");

/// PasswordBasedMac: protection of a CMP message by a shared secret (RFC 9810 5.1.3.1).
pub const PASSWORD_BASED_MAC: ObjectIdentifier = oid("1.2.840.113533.7.66.13");
/// HMAC-SHA1 by the name that CMP gave it (RFC 9481 6.2.1).
pub const HMAC_SHA1: ObjectIdentifier = oid("1.3.6.1.5.5.8.1.2");
/// HMAC-SHA1 by its name in PKCS#5.
pub const HMAC_WITH_SHA1: ObjectIdentifier = oid("1.2.840.113549.2.7");
/// HMAC-SHA256.
pub const HMAC_WITH_SHA256: ObjectIdentifier = oid("1.2.840.113549.2.9");

/// GB/T 35275 data.
pub const GM_DATA: ObjectIdentifier = oid("1.2.156.10197.6.1.4.2.1");
/// GB/T 35275 signedData.
pub const GM_SIGNED_DATA: ObjectIdentifier = oid("1.2.156.10197.6.1.4.2.2");
/// RFC 5652 id-data.
pub const CMS_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
/// RFC 5652 id-signedData.
pub const CMS_SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
/// RFC 5652 11.1 content-type attribute.
pub const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
/// RFC 5652 11.2 message-digest attribute.
pub const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
/// RFC 5652 11.3 signing-time attribute.
pub const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");

/// signingCertificateV2 attribute (RFC 5035 3).
pub const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
/// id-ct-TSTInfo: content of a time stamp token (RFC 3161 2.4.2).
pub const TST_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");
/// GB/T 35275 envelopedData.
pub const GM_ENVELOPED_DATA: ObjectIdentifier = oid("1.2.156.10197.6.1.4.2.3");
/// RFC 5652 id-envelopedData.
pub const CMS_ENVELOPED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.3");
/// SM2-3, public key encryption.
pub const SM2_ENCRYPT: ObjectIdentifier = oid("1.2.156.10197.1.301.3");
/// SM2 encryption as GmSSL 3 names it; the standard gives this number to key exchange.
pub const SM2_ENCRYPT_GMSSL: ObjectIdentifier = oid("1.2.156.10197.1.301.2");
/// SM4 without a mode: in key envelopes it stands for ECB.
pub const SM4: ObjectIdentifier = oid("1.2.156.10197.1.104");
/// SM4-ECB.
pub const SM4_ECB: ObjectIdentifier = oid("1.2.156.10197.1.104.1");
/// SM4-CBC.
pub const SM4_CBC: ObjectIdentifier = oid("1.2.156.10197.1.104.2");

/// countryName.
pub const COUNTRY: ObjectIdentifier = oid("2.5.4.6");
/// stateOrProvinceName.
pub const STATE: ObjectIdentifier = oid("2.5.4.8");
/// localityName.
pub const LOCALITY: ObjectIdentifier = oid("2.5.4.7");
/// organizationName.
pub const ORGANIZATION: ObjectIdentifier = oid("2.5.4.10");
/// organizationalUnitName.
pub const ORGANIZATIONAL_UNIT: ObjectIdentifier = oid("2.5.4.11");
/// serialNumber (of the subject, not of the certificate).
pub const SERIAL_NUMBER: ObjectIdentifier = oid("2.5.4.5");
/// commonName.
pub const COMMON_NAME: ObjectIdentifier = oid("2.5.4.3");

/// subjectKeyIdentifier.
pub const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = oid("2.5.29.14");
/// tempPublicKey: the attribute by which requests for two certificates name the key that the encryption key is sealed to.
pub const TEMP_PUBLIC_KEY: ObjectIdentifier = oid("1.2.840.113549.1.9.63");
/// keyUsage.
pub const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
/// subjectAltName.
pub const SUBJECT_ALT_NAME: ObjectIdentifier = oid("2.5.29.17");
/// basicConstraints.
pub const BASIC_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.19");
/// cRLNumber.
pub const CRL_NUMBER: ObjectIdentifier = oid("2.5.29.20");
/// reasonCode of a CRL entry.
pub const REASON_CODE: ObjectIdentifier = oid("2.5.29.21");
/// invalidityDate of a CRL entry.
pub const INVALIDITY_DATE: ObjectIdentifier = oid("2.5.29.24");
/// cRLDistributionPoints.
pub const CRL_DISTRIBUTION_POINTS: ObjectIdentifier = oid("2.5.29.31");
/// certificatePolicies.
pub const CERTIFICATE_POLICIES: ObjectIdentifier = oid("2.5.29.32");
/// anyPolicy (RFC 5280 4.2.1.4).
pub const ANY_POLICY: ObjectIdentifier = oid("2.5.29.32.0");
/// authorityKeyIdentifier.
pub const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = oid("2.5.29.35");
/// OrganizationCode (GB/T 20518 5.2.4): the unified social credit code of the subject.
pub const ORGANIZATION_CODE: ObjectIdentifier = oid("1.2.156.10260.4.1.4");
/// extKeyUsage.
pub const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
/// id-kp-timeStamping (RFC 3161 2.3).
pub const TIME_STAMPING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.8");
/// id-kp-OCSPSigning (RFC 6960 4.2.2.2).
pub const OCSP_SIGNING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.9");
/// id-pkix-ocsp-nocheck (RFC 6960 4.2.2.2.1).
pub const OCSP_NO_CHECK: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.5");
/// id-pkix-ocsp-basic (RFC 6960 4.2.1).
pub const OCSP_BASIC: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.1");
/// id-pkix-ocsp-nonce (RFC 9654).
pub const OCSP_NONCE: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.2");
/// authorityInfoAccess.
pub const AUTHORITY_INFO_ACCESS: ObjectIdentifier = oid("1.3.6.1.5.5.7.1.1");
/// Access method: certificates of the issuer.
pub const CA_ISSUERS: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.2");
/// Access method: OCSP responder.
pub const OCSP: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1");
