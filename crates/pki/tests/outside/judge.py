"""A second opinion on what this crate makes, from code that shares nothing with it.

pyasn1 takes the structures apart, gmalg and gmssl compute SM2 and SM3, and both have to agree.
Prints what is wrong and ends with 1; ends with 0 when everything is right.

    judge.py signed OBJECT ISSUER      a certificate, CRL or request (DER) and its issuer's certificate;
                                       a request is its own issuer
    judge.py ocsp RESPONSE RESPONDER   an OCSP response (DER) and the certificate of its responder
    judge.py message MESSAGE DOCUMENT  a GB/T 35275 or RFC 5652 signed message (DER) and its document
"""

import sys

import gmalg
import gmssl.func
import gmssl.sm2
import gmssl.sm3
from pyasn1.codec.der import decoder, encoder
from pyasn1.type import univ
from pyasn1_alt_modules import rfc2315, rfc2986, rfc5280, rfc6960

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
        return file.read()


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


def ocsp(path, responder_path):
    status, bytes_ = elements(read(path))
    expect(status == b"\x0a\x01\x00", "not a successful response")
    kind, inside = elements(elements(bytes_)[0])
    expect(str(decode(kind)) == "1.3.6.1.5.5.7.48.1.1", "not a basic response")
    data, algorithm, bits, certificates = elements(decode(inside).asOctets())
    expect(elements(algorithm) == [encoder.encode(SM2_WITH_SM3)], "not SM2 with SM3 without parameters")
    decode(data, rfc6960.ResponseData())
    responder = read(responder_path)
    expect(elements(elements(certificates)[0]) == [responder], "the responder's certificate is not inside")
    verify(public_key(certificate(responder)["tbsCertificate"]["subjectPublicKeyInfo"]), data, decode(bits).asOctets())


def message(path, document_path):
    octets, document = read(path), read(document_path)
    outer = decode(octets, rfc2315.ContentInfo())
    kind = str(outer["contentType"])
    expect(kind in SIGNED_DATA, "not a signed message")
    data = decode(outer["content"].asOctets(), rfc2315.SignedData())
    expect(str(data["contentInfo"]["contentType"]) == SIGNED_DATA[kind], "not data inside")
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
    expect(inside in (document, sm3(document)), "the content is not that of the document")
    attributes = signer["authenticatedAttributes"]
    if attributes.isValue and len(attributes):
        (digest,) = [one["values"][0] for one in attributes if one["type"] == MESSAGE_DIGEST]
        expect(decode(bytes(digest)).asOctets() == sm3(inside), "messageDigest is not that of the content")
        to_be_signed = b"\x31" + encoder.encode(attributes)[1:]
    else:
        to_be_signed = inside
    verify(point, to_be_signed, signer["encryptedDigest"].asOctets())


try:
    {"signed": signed, "ocsp": ocsp, "message": message}[sys.argv[1]](*sys.argv[2:])
except Refused as complaint:
    sys.exit(f"refused: {complaint}")
except Exception as fault:  # What cannot be read is refused as well, but says how.
    sys.exit(f"refused: {type(fault).__name__}: {fault}")
