//! The interactive form (ISO 32000-2 clause 12.7): the signature fields that are there, and adding one.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object, ObjectId};

use super::reader::{Indirect, Reader};
use super::write::Update;
use crate::{Error, Result};

const MAX_FIELDS: usize = 50_000;
const MAX_DEPTH: usize = 32;

/// A signature field that has a value.
#[derive(Clone)]
pub(super) struct SignedField {
    /// The field's object number, if it is an object of its own.
    pub number: Option<u32>,
    /// The field's own dictionary (Rect and page of its widget, when merged).
    pub field: Dictionary,
    /// The signature dictionary.
    pub value: Dictionary,
    /// The signature's object number, if it is an object of its own.
    pub value_number: Option<u32>,
}

/// The fields of a form, flattened.
#[derive(Default)]
pub(super) struct Fields {
    /// Partial names, to choose a new one.
    pub names: BTreeSet<Vec<u8>>,
    /// Signature fields with a value, in the order of the form.
    pub signed: Vec<SignedField>,
    /// Object numbers of all signature fields, signed or empty.
    pub signature_fields: BTreeSet<u32>,
}

/// Reads the form; a document without form has no fields.
pub(super) fn fields(reader: &Reader<'_>) -> Result<Fields> {
    let (_, catalog) = reader.catalog()?;
    let mut found = Fields::default();
    let Some(form) = reader.dictionary(&catalog, b"AcroForm")? else { return Ok(found) };
    let mut seen = BTreeSet::new();
    let mut queue: Vec<(Object, bool, usize)> =
        children(reader, &form, b"Fields")?.into_iter().rev().map(|field| (field, false, 0)).collect();
    let mut count = 0;
    while let Some((object, inherits_signature, depth)) = queue.pop() {
        count += 1;
        if count > MAX_FIELDS || depth > MAX_DEPTH {
            return Err(Error::TooComplex("the form is too large"));
        }
        let number = object.as_reference().ok().map(|(number, _)| number);
        if number.is_some_and(|number| !seen.insert(number)) {
            continue;
        }
        let Object::Dictionary(field) = reader.resolve(&object)? else { continue };
        if let Object::String(name, _) = reader.value(&field, b"T")? {
            found.names.insert(name);
        }
        let kind = reader.value(&field, b"FT")?;
        let signature = match kind.as_name() {
            Ok(kind) => kind == b"Sig",
            Err(_) => inherits_signature,
        };
        if signature {
            found.signature_fields.extend(number);
            if let Some(value) = reader.dictionary(&field, b"V")? {
                let value_number = field.get(b"V").and_then(Object::as_reference).ok().map(|(number, _)| number);
                found.signed.push(SignedField { number, field: field.clone(), value, value_number });
            }
        }
        let kids = children(reader, &field, b"Kids")?;
        queue.extend(kids.into_iter().rev().map(|kid| (kid, signature, depth + 1)));
    }
    Ok(found)
}

fn children(reader: &Reader<'_>, parent: &Dictionary, key: &[u8]) -> Result<Vec<Object>> {
    Ok(match reader.value(parent, key)? {
        Object::Array(items) => items,
        _ => Vec::new(),
    })
}

/// Has an earlier signature forbidden every change (clause 12.8.2.2, DocMDP with P = 1)?
pub(super) fn forbids_change(reader: &Reader<'_>) -> Result<bool> {
    let (_, catalog) = reader.catalog()?;
    let Some(permissions) = reader.dictionary(&catalog, b"Perms")? else { return Ok(false) };
    let Some(certification) = reader.dictionary(&permissions, b"DocMDP")? else { return Ok(false) };
    for reference in children(reader, &certification, b"Reference")? {
        let Object::Dictionary(reference) = reader.resolve(&reference)? else { continue };
        let Some(parameters) = reader.dictionary(&reference, b"TransformParams")? else { continue };
        if reader.value(&parameters, b"P")?.as_i64().is_ok_and(|level| level == 1) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Puts one more field into the form, making the form if there is none.
pub(super) fn add_field(reader: &Reader<'_>, update: &mut Update<'_, '_>, field: ObjectId) -> Result<()> {
    let (catalog_number, mut catalog) = reader.catalog()?;
    let mut form = reader.dictionary(&catalog, b"AcroForm")?.unwrap_or_default();
    // SignaturesExist and AppendOnly (table 225).
    let flags = reader.value(&form, b"SigFlags")?.as_i64().unwrap_or(0);
    form.set("SigFlags", flags | 3);
    append(reader, update, &mut form, b"Fields", field)?;
    match catalog.get(b"AcroForm") {
        Ok(Object::Reference((number, _))) if reader.get(*number)?.is_some() => {
            update.set(update.existing(*number), &Object::Dictionary(form));
        }
        _ => {
            catalog.set("AcroForm", Object::Dictionary(form));
            update.set(update.existing(catalog_number), &Object::Dictionary(catalog));
        }
    }
    Ok(())
}

/// Appends a reference to an array that may be missing, direct, or an object of its own (then that is rewritten).
pub(super) fn append(
    reader: &Reader<'_>,
    update: &mut Update<'_, '_>,
    owner: &mut Dictionary,
    key: &[u8],
    item: ObjectId,
) -> Result<()> {
    append_all(reader, update, owner, key, &[item]).map(|_| ())
}

/// As [`append`]; answers whether `owner` itself changed.
pub(super) fn append_all(
    reader: &Reader<'_>,
    update: &mut Update<'_, '_>,
    owner: &mut Dictionary,
    key: &[u8],
    items: &[ObjectId],
) -> Result<bool> {
    let mut array = children(reader, owner, key)?;
    array.extend(items.iter().copied().map(Object::Reference));
    if let Ok(Object::Reference((number, _))) = owner.get(key)
        && let Some(Indirect { object: Object::Array(_), .. }) = reader.get(*number)?
    {
        update.set(update.existing(*number), &Object::Array(array));
        return Ok(false);
    }
    owner.set(key, Object::Array(array));
    Ok(true)
}
