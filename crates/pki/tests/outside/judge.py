"""A second opinion on what this crate makes, from code that shares nothing with it.

pyasn1 takes the structures apart, gmalg and gmssl compute SM2 and SM3, and both have to agree.
Prints what is wrong and ends with 1; ends with 0 when everything is right.

    judge.py signed OBJECT ISSUER      a certificate, CRL or request and its issuer's certificate;
                                       a request is its own issuer
    judge.py listed CRL ISSUER CERTIFICATE  a CRL, and a certificate that it must name
    judge.py ocsp RESPONSE RESPONDER [STATUS]  an OCSP response (DER), the certificate of its responder and what it must say
    judge.py timestamp TOKEN DOCUMENT  a time stamp token (DER), or the reply around it, with its authority's certificate
                                       inside
    judge.py stamped-by TOKEN CERTIFICATE  the same token, and the certificate that its attributes must name
    judge.py envelope ENVELOPE CERTIFICATE PRIVATE CONTENT  an EnvelopedData (DER), its recipient, the recipient's key
                                       (hexadecimal) and what must be inside
    judge.py enveloped-key ENVELOPE PRIVATE  an SM2EnvelopedKey (DER) and its owner's key (hexadecimal)
    judge.py message MESSAGE DOCUMENT  a GB/T 35275 or RFC 5652 signed message (DER) and its document

Certificates and lists may be PEM; of several in a file the first one counts.
"""

import base64
import hashlib
import sys

import gmalg
import gmssl.func
import gmssl.sm2
import gmssl.sm3
import gmssl.sm4
from pyasn1.codec.der import decoder, encoder
from pyasn1.type import univ
from pyasn1_alt_modules import rfc2315, rfc2986, rfc3161, rfc5035, rfc5280, rfc6960

SM2_WITH_SM3 = univ.ObjectIdentifier("1.2.156.10197.1.501")
SM2_CURVE = univ.ObjectIdentifier("1.2.156.10197.1.301")
SM3 = univ.ObjectIdentifier("1.2.156.10197.1.401")
SIGNED_DATA = {"1.2.156.10197.6.1.4.2.2": "1.2.156.10197.6.1.4.2.1", "1.2.840.113549.1.7.2": "1.2.840.113549.1.7.1"}
MESSAGE_DIGEST = univ.ObjectIdentifier("1.2.840.113549.1.9.4")


class Refused(Exception):
    pass


def expect(holds, complaint):
    if not holds:
        raise Refused(complaint)


def decode(octets, spec=None):
    value, rest = decoder.decode(octets, asn1Spec=spec)
    expect(not rest, "octets behind the object")
    return value


def read(path):
    with open(path, "rb") as file:
        octets = file.read()
    return base64.b64decode(octets.split(b"-----")[2]) if octets.startswith(b"-----BEGIN") else octets


def public_key(info):
    expect(decode(encoder.encode(info["algorithm"]["parameters"])) == SM2_CURVE, "the key is not on the SM2 curve")
    point = info["subjectPublicKey"].asOctets()
    expect(len(point) == 65 and point[0] == 4, "the public key is not an uncompressed point")
    return point


def sm3(octets):
    digest = gmssl.sm3.sm3_hash(gmssl.func.bytes_to_list(octets))
    other = gmalg.SM3()
    other.update(octets)
    expect(other.value().hex() == digest, "the judges disagree about SM3")
    return bytes.fromhex(digest)


def verify(point, message, signature):
    r, s = (int(part).to_bytes(32, "big") for part in decode(signature))
    one = gmalg.SM2(uid=b"1234567812345678", pk=point).verify(message, r, s)
    crypt = gmssl.sm2.CryptSM2(private_key="", public_key="")
    # Set afterwards: the constructor strips every leading 0 and 4 of a key that begins with 04.
    crypt.public_key = point[1:].hex()
    other = crypt.verify_with_sm3((r + s).hex(), message)
    expect(bool(one) == bool(other), "the judges disagree about the signature")
    expect(one, "wrong signature")


def certificate(octets):
    found = decode(octets, rfc5280.Certificate())
    expect(found["signatureAlgorithm"] == found["tbsCertificate"]["signature"], "two different algorithms")
    return found


def elements(octets):
    """The whole encodings of what stands inside a constructed element, so that nothing is encoded anew."""
    _, at = header(octets, 0)
    found = []
    while at < len(octets):
        length, start = header(octets, at)
        found.append(octets[at : start + length])
        at = start + length
    return found


def header(octets, at):
    """Length of the content of the element at a place, and where the content begins."""
    expect(len(octets) > at + 1, "an element stops in its header")
    if octets[at + 1] < 0x80:
        return octets[at + 1], at + 2
    count = octets[at + 1] & 0x7F
    return int.from_bytes(octets[at + 2 : at + 2 + count], "big"), at + 2 + count


def signed(path, issuer_path):
    octets = read(path)
    to_be_signed, algorithm, bits = elements(octets)
    expect(elements(algorithm) == [encoder.encode(SM2_WITH_SM3)], "not SM2 with SM3 without parameters")
    issuer = read(issuer_path)
    try:
        info = certificate(issuer)["tbsCertificate"]["subjectPublicKeyInfo"]
    except Exception:
        info = decode(issuer, rfc2986.CertificationRequest())["certificationRequestInfo"]["subjectPKInfo"]
    verify(public_key(info), to_be_signed, decode(bits).asOctets())


def listed(path, issuer_path, certificate_path):
    signed(path, issuer_path)
    revoked = decode(read(path), rfc5280.CertificateList())["tbsCertList"]["revokedCertificates"]
    serial = certificate(read(certificate_path))["tbsCertificate"]["serialNumber"]
    expect(any(entry["userCertificate"] == serial for entry in revoked), "the list does not name the certificate")


def ocsp(path, responder_path, status_word=None):
    status, bytes_ = elements(read(path))
    expect(status == b"\x0a\x01\x00", "not a successful response")
    kind, inside = elements(elements(bytes_)[0])
    expect(str(decode(kind)) == "1.3.6.1.5.5.7.48.1.1", "not a basic response")
    data, algorithm, bits, certificates = elements(decode(inside).asOctets())
    expect(elements(algorithm) == [encoder.encode(SM2_WITH_SM3)], "not SM2 with SM3 without parameters")
    (only,) = decode(data, rfc6960.ResponseData())["responses"]
    expect(status_word in (None, only["certStatus"].getName()), "another status")
    responder = read(responder_path)
    expect(elements(elements(certificates)[0]) == [responder], "the responder's certificate is not inside")
    verify(public_key(certificate(responder)["tbsCertificate"]["subjectPublicKeyInfo"]), data, decode(bits).asOctets())


TST_INFO = "1.2.840.113549.1.9.16.1.4"
SIGNING_CERTIFICATE_V2 = univ.ObjectIdentifier("1.2.840.113549.1.9.16.2.47")
DIGESTS = {"1.2.156.10197.1.401": sm3, "2.16.840.1.101.3.4.2.1": lambda octets: hashlib.sha256(octets).digest()}


def timestamp(path, document_path):
    octets = read(path)
    if elements(octets)[0][0] == 0x30:
        status, octets = elements(octets)
        expect(int(decode(elements(status)[0])) == 0, "not granted")
    info = decode(content_of(octets, None, TST_INFO), rfc3161.TSTInfo())
    imprint = info["messageImprint"]
    digest = DIGESTS[str(imprint["hashAlgorithm"]["algorithm"])](read(document_path))
    expect(imprint["hashedMessage"].asOctets() == digest, "a stamp of something else")


def stamped_by(path, certificate_path):
    data = decode(decode(read(path), rfc2315.ContentInfo())["content"].asOctets(), rfc2315.SignedData())
    (signer,) = data["signerInfos"]
    found = [one["values"][0] for one in signer["authenticatedAttributes"] if one["type"] == SIGNING_CERTIFICATE_V2]
    (id_,) = decode(bytes(found[0]), rfc5035.SigningCertificateV2())["certs"]
    expect(id_["hashAlgorithm"]["algorithm"] == SM3, "the certificate is not named by SM3")
    octets = read(certificate_path)
    expect(id_["certHash"].asOctets() == sm3(octets), "the attributes name another certificate")
    tbs = certificate(octets)["tbsCertificate"]
    expect(id_["issuerSerial"]["serialNumber"] == tbs["serialNumber"], "another serial number")


def sm2_decrypt(private, der):
    x, y, digest, cipher = (decode(part) for part in elements(der))
    raw = int(x).to_bytes(32, "big") + int(y).to_bytes(32, "big") + digest.asOctets() + cipher.asOctets()
    one = bytes(gmalg.SM2(sk=bytes.fromhex(private)).decrypt(b"\x04" + raw))
    crypt = gmssl.sm2.CryptSM2(private_key="", public_key="", mode=1)
    crypt.private_key = private
    other = crypt.decrypt(raw)
    expect(one == other, "the judges disagree about the decryption")
    return one


def sm4(key, octets, iv=None):
    """Decrypts blocks, chained if there is an initial vector."""
    expect(len(octets) % 16 == 0, "not whole blocks")
    one, other = gmalg.SM4(key), gmssl.sm4.CryptSM4(padding_mode=None)
    other.set_key(key, gmssl.sm4.SM4_DECRYPT)
    plain = b""
    for at in range(0, len(octets), 16):
        block = octets[at : at + 16]
        opened = bytes(one.decrypt(block))
        expect(opened == other.crypt_ecb(block), "the judges disagree about SM4")
        plain += bytes(a ^ b for a, b in zip(opened, iv or bytes(16)))
        iv = iv and block
    return plain


def envelope(path, certificate_path, private_path, content_path):
    kind, inside = elements(read(path))
    kind = str(decode(kind))
    data = {"1.2.156.10197.6.1.4.2.3": "1.2.156.10197.6.1.4.2.1", "1.2.840.113549.1.7.3": "1.2.840.113549.1.7.1"}[kind]
    version, recipients, content = elements(elements(inside)[0])
    expect(int(decode(version)) == (1 if kind.startswith("1.2.156") else 0), "version")
    (recipient,) = elements(recipients)
    _, id_, algorithm, wrapped = elements(recipient)
    tbs = certificate(read(certificate_path))["tbsCertificate"]
    issuer, serial = elements(id_)
    expect(issuer == encoder.encode(tbs["issuer"]), "another issuer")
    expect(decode(serial) == tbs["serialNumber"], "another serial number")
    expect(str(decode(elements(algorithm)[0])) == "1.2.156.10197.1.301.3", "not SM2 encryption")
    type_, algorithm, encrypted = elements(content)
    expect(str(decode(type_)) == data, "not data inside")
    cipher, iv = elements(algorithm)
    expect(str(decode(cipher)) == "1.2.156.10197.1.104.2", "not SM4-CBC")
    key = sm2_decrypt(read(private_path).decode(), decode(wrapped).asOctets())
    length, start = header(encrypted, 0)
    plain = sm4(key, encrypted[start : start + length], decode(iv).asOctets())
    padding = plain[-1]
    expect(1 <= padding <= 16 and plain.endswith(bytes([padding]) * padding), "wrong padding")
    expect(plain[:-padding] == read(content_path), "another content")


def enveloped_key(path, private_path):
    algorithm, wrapped, public, encrypted = elements(read(path))
    expect(str(decode(elements(algorithm)[0])) == "1.2.156.10197.1.104.1", "not SM4-ECB")
    key = sm2_decrypt(read(private_path).decode(), wrapped)
    private = sm4(key, decode(encrypted).asOctets())
    expect(len(private) == 32, "not a key of 32 octets")
    expect(gmalg.SM2().generate_pk(private) == decode(public).asOctets(), "the halves of the key do not belong together")


def message(path, document_path):
    content_of(read(path), read(document_path))


def content_of(octets, document, content_type=None):
    outer = decode(octets, rfc2315.ContentInfo())
    kind = str(outer["contentType"])
    expect(kind in SIGNED_DATA, "not a signed message")
    data = decode(outer["content"].asOctets(), rfc2315.SignedData())
    expect(str(data["contentInfo"]["contentType"]) == (content_type or SIGNED_DATA[kind]), "not the expected content inside")
    (signer,) = data["signerInfos"]
    expect(signer["digestAlgorithm"]["algorithm"] == SM3, "not SM3")
    (found,) = [
        one["certificate"]["tbsCertificate"]
        for one in data["certificates"]
        if one["certificate"]["tbsCertificate"]["issuer"] == signer["issuerAndSerialNumber"]["issuer"]
        and one["certificate"]["tbsCertificate"]["serialNumber"] == signer["issuerAndSerialNumber"]["serialNumber"]
    ]
    point = public_key(found["subjectPublicKeyInfo"])
    inner = data["contentInfo"]["content"]
    inside = decode(inner.asOctets()).asOctets() if inner.isValue else document
    if content_type is None:
        expect(inside in (document, sm3(document)), "the content is not that of the document")
    attributes = signer["authenticatedAttributes"]
    if attributes.isValue and len(attributes):
        (digest,) = [one["values"][0] for one in attributes if one["type"] == MESSAGE_DIGEST]
        expect(decode(bytes(digest)).asOctets() == sm3(inside), "messageDigest is not that of the content")
        to_be_signed = b"\x31" + encoder.encode(attributes)[1:]
    else:
        to_be_signed = inside
    verify(point, to_be_signed, signer["encryptedDigest"].asOctets())
    return inside


KINDS = {
    "signed": signed,
    "listed": listed,
    "ocsp": ocsp,
    "message": message,
    "timestamp": timestamp,
    "stamped-by": stamped_by,
    "envelope": envelope,
    "enveloped-key": enveloped_key,
}

try:
    KINDS[sys.argv[1]](*sys.argv[2:])
except Refused as complaint:
    sys.exit(f"refused: {complaint}")
except Exception as fault:  # What cannot be read is refused as well, but says how.
    sys.exit(f"refused: {type(fault).__name__}: {fault}")
