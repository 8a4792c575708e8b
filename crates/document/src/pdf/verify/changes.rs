//! What happened to a document between two revisions.
//!
//! A later revision can put other pages over signed ones while every octet that was signed stays in place (shadow
//! attacks). So the question is not which octets were appended but whether a reader still sees what was signed. Only
//! changes that signing itself needs are let pass; whatever is not known to be harmless counts as a change:
//!
//! - the form gains signature fields, pages gain their widgets and locked stamps, an empty signature field is filled;
//! - the document information, its metadata and the store of validation data change.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object};

use super::{Reason, Verdict};
use crate::pdf::form;
use crate::pdf::pages;
use crate::pdf::reader::{Entry, Indirect, Reader};
use crate::{Error, Result};

/// What came after a signed revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Later {
    /// Nothing.
    Nothing,
    /// Other signatures.
    Signatures,
    /// Octets outside of every signature, without visible effect.
    Unsigned,
    /// Other signatures, one of which nobody can confirm: what it shows on the pages may be anybody's.
    Unconfirmed,
    /// Something that a reader may see.
    Changed,
}

impl Later {
    /// This step, followed by what came after it.
    pub fn and_then(self, after: Self) -> Self {
        match (self, after) {
            (Self::Changed, _) | (_, Self::Changed) => Self::Changed,
            (Self::Unconfirmed, _) | (_, Self::Unconfirmed) => Self::Unconfirmed,
            (Self::Unsigned, _) | (_, Self::Unsigned) => Self::Unsigned,
            (Self::Nothing, after) => after,
            (Self::Signatures, _) => Self::Signatures,
        }
    }

    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Nothing => None,
            Self::Signatures => Some(Reason::LaterSignatures),
            Self::Unsigned => Some(Reason::UnsignedOctets),
            Self::Unconfirmed => Some(Reason::LaterSignatureUnconfirmed),
            Self::Changed => Some(Reason::ChangedAfterSigning),
        }
    }
}

/// From one signed revision to the next one, of whose signature this is known. Only who signs may add what signing adds:
/// anybody can write a signature field with a large picture around a signature that is none.
pub(super) fn by_next_signature(old: &Reader<'_>, new: &Reader<'_>, next: Verdict) -> Result<Later> {
    match next {
        Verdict::Valid => judge(&Comparison { old, new, signing: true }, Later::Signatures),
        Verdict::Unknown => judge(&Comparison { old, new, signing: true }, Later::Unconfirmed),
        Verdict::Invalid => judge(&Comparison { old, new, signing: false }, Later::Unsigned),
    }
}

/// From the last signed revision to the end of the file.
pub(super) fn unsigned_tail(old: &Reader<'_>, new: &Reader<'_>) -> Result<Later> {
    judge(&Comparison { old, new, signing: false }, Later::Unsigned)
}

fn judge(comparison: &Comparison<'_, '_>, harmless: Later) -> Result<Later> {
    match comparison.unchanged() {
        Ok(true) => Ok(harmless),
        // What cannot be read in one of the revisions cannot be the same in both.
        Ok(false) | Err(Error::Damaged(_)) => Ok(Later::Changed),
        Err(error) => Err(error),
    }
}

/// Entries of the catalog that do not change what is seen.
const INVISIBLE_IN_CATALOG: [&[u8]; 4] = [b"AcroForm", b"DSS", b"Metadata", b"Extensions"];

/// Keys whose objects may change, since they were compared item by item or are not shown.
const FREE_TO_CHANGE: [&[u8]; 5] = [b"AcroForm", b"Fields", b"Annots", b"Metadata", b"Info"];

/// Objects whose change was looked at.
#[derive(Default)]
struct Checked {
    /// Compared but for entries that were compared by themselves: the catalog and pages.
    compared: BTreeSet<u32>,
    /// Objects that may change as long as they stand under their key only.
    free_to_change: BTreeSet<u32>,
}

struct Comparison<'c, 'a> {
    old: &'c Reader<'a>,
    new: &'c Reader<'a>,
    /// May signature fields, their widgets and stamps be added?
    signing: bool,
}

impl Comparison<'_, '_> {
    fn unchanged(&self) -> Result<bool> {
        let mut checked = Checked::default();
        if !(self.catalog(&mut checked)? && self.form(&mut checked)? && self.pages(&mut checked)?) {
            return Ok(false);
        }
        let (mut added, mut free_to_change) = (BTreeSet::new(), BTreeSet::new());
        for (number, new) in self.new.entries() {
            if self.same_place(number, new) {
                continue;
            }
            match (self.old.get(number)?, self.new.get(number)?) {
                (None, Some(_)) => {
                    added.insert(number);
                }
                (None, None) => {}
                (Some(_), None) => return Ok(false),
                (Some(old), Some(new)) => {
                    if self.same_object(&old, &new)? || checked.compared.contains(&number) {
                        continue;
                    }
                    if checked.free_to_change.contains(&number) {
                        free_to_change.insert(number);
                    } else if !self.filled(number, &old, &new)? {
                        return Ok(false);
                    }
                }
            }
        }
        // A chain that forgets older objects hides them.
        let forgotten =
            self.old.entries().any(|(number, entry)| entry != Entry::Free && self.new.entry(number).is_none());
        Ok(!forgotten && !self.shows_what_was_left_open(&added, &free_to_change)?)
    }

    /// The octets that define the object are the same, so the object is.
    fn same_place(&self, number: u32, new: Entry) -> bool {
        let same = self.old.entry(number) == Some(new);
        match new {
            Entry::Inside { container, .. } => same && self.old.entry(container) == self.new.entry(container),
            Entry::At { .. } | Entry::Free => same,
        }
    }

    fn same_object(&self, old: &Indirect, new: &Indirect) -> Result<bool> {
        Ok(old.object == new.object && self.old.stream_octets(old)? == self.new.stream_octets(new)?)
    }

    fn catalog(&self, checked: &mut Checked) -> Result<bool> {
        let ((old_number, mut old), (new_number, mut new)) = (self.old.catalog()?, self.new.catalog()?);
        for dictionary in [&old, &new] {
            if let Ok(Object::Reference((number, _))) = dictionary.get(b"Metadata") {
                checked.free_to_change.insert(*number);
            }
        }
        if let Ok(Object::Reference((number, _))) = self.old.trailer().get(b"Info") {
            checked.free_to_change.insert(*number);
        }
        checked.compared.insert(old_number);
        for key in INVISIBLE_IN_CATALOG {
            old.remove(key);
            new.remove(key);
        }
        Ok(old_number == new_number && same_dictionary(&old, &new))
    }

    fn form(&self, checked: &mut Checked) -> Result<bool> {
        let ((_, old_catalog), (_, new_catalog)) = (self.old.catalog()?, self.new.catalog()?);
        let mut old = self.old.dictionary(&old_catalog, b"AcroForm")?.unwrap_or_default();
        let mut new = self.new.dictionary(&new_catalog, b"AcroForm")?.unwrap_or_default();
        if let (Ok(Object::Reference(old)), Ok(Object::Reference(new))) =
            (old_catalog.get(b"AcroForm"), new_catalog.get(b"AcroForm"))
        {
            if old != new {
                return Ok(false);
            }
            checked.free_to_change.insert(old.0);
        }
        let old_fields = list(self.old, &old, b"Fields")?;
        let new_fields = list(self.new, &new, b"Fields")?;
        note_array(&old, &new, b"Fields", checked);
        let Some(extra) = additions(&old_fields, &new_fields) else { return Ok(false) };
        for field in extra {
            if !(self.signing && self.is_signature(field, false)?) {
                return Ok(false);
            }
        }
        for key in [&b"Fields"[..], b"SigFlags"] {
            old.remove(key);
            new.remove(key);
        }
        // Defaults for drawing text fields may be added, where nothing says that fields are to be drawn anew.
        for key in [&b"DR"[..], b"DA"] {
            if !old.has(key) {
                new.remove(key);
            }
        }
        Ok(same_dictionary(&old, &new))
    }

    fn pages(&self, checked: &mut Checked) -> Result<bool> {
        let (old_pages, new_pages) = (pages::list(self.old)?, pages::list(self.new)?);
        let same_order = old_pages.len() == new_pages.len()
            && old_pages.iter().zip(&new_pages).all(|(old, new)| old.id.0 == new.id.0 && old.view == new.view);
        if !same_order {
            return Ok(false);
        }
        for page in &old_pages {
            let mut old = pages::dictionary(self.old, page.id)?;
            let mut new = pages::dictionary(self.new, page.id)?;
            let old_annotations = list(self.old, &old, b"Annots")?;
            let new_annotations = list(self.new, &new, b"Annots")?;
            note_array(&old, &new, b"Annots", checked);
            let Some(extra) = additions(&old_annotations, &new_annotations) else { return Ok(false) };
            for annotation in extra {
                if !(self.signing && (self.is_signature(annotation, true)? || self.is_stamp(annotation)?)) {
                    return Ok(false);
                }
            }
            old.remove(b"Annots");
            new.remove(b"Annots");
            if !same_dictionary(&old, &new) {
                return Ok(false);
            }
            checked.compared.insert(page.id.0);
        }
        Ok(true)
    }

    /// A new object that is a signature field, and as annotation its widget.
    fn is_signature(&self, object: &Object, widget: bool) -> Result<bool> {
        let Some(dictionary) = self.added_dictionary(object)? else { return Ok(false) };
        let parent = self.new.dictionary(&dictionary, b"Parent")?;
        let kind = match self.new.value(&dictionary, b"FT")? {
            Object::Null => parent.map_or(Ok(Object::Null), |parent| self.new.value(&parent, b"FT"))?,
            kind => kind,
        };
        let subtype = self.new.value(&dictionary, b"Subtype")?;
        let is_widget = subtype.as_name().is_ok_and(|subtype| subtype == b"Widget");
        Ok(kind.as_name().is_ok_and(|kind| kind == b"Sig") && (is_widget || !widget))
    }

    /// A new stamp that nobody can move: the further pictures of a signature on several pages.
    fn is_stamp(&self, object: &Object) -> Result<bool> {
        const READ_ONLY_AND_LOCKED: i64 = 64 + 128;
        let Some(dictionary) = self.added_dictionary(object)? else { return Ok(false) };
        let subtype = self.new.value(&dictionary, b"Subtype")?;
        let flags = self.new.value(&dictionary, b"F")?.as_i64().unwrap_or(0);
        Ok(subtype.as_name().is_ok_and(|subtype| subtype == b"Stamp")
            && flags & READ_ONLY_AND_LOCKED == READ_ONLY_AND_LOCKED
            && !dictionary.has(b"A"))
    }

    fn added_dictionary(&self, object: &Object) -> Result<Option<Dictionary>> {
        let Object::Reference((number, _)) = object else { return Ok(None) };
        if self.old.get(*number)?.is_some() {
            return Ok(None);
        }
        Ok(match self.new.get(*number)? {
            Some(Indirect { object: Object::Dictionary(dictionary), stream: None }) => Some(dictionary),
            _ => None,
        })
    }

    /// An empty signature field that now has a value and a picture.
    fn filled(&self, number: u32, old: &Indirect, new: &Indirect) -> Result<bool> {
        let (Object::Dictionary(old), Object::Dictionary(new)) = (&old.object, &new.object) else { return Ok(false) };
        if !self.signing || old.has(b"V") || !form::fields(self.old)?.signature_fields.contains(&number) {
            return Ok(false);
        }
        let (mut old, mut new) = (old.clone(), new.clone());
        for key in [&b"V"[..], b"AP", b"F", b"M", b"MK"] {
            old.remove(key);
            new.remove(key);
        }
        Ok(same_dictionary(&old, &new))
    }

    /// Does a signed object refer to a number that was free when it was signed and is defined now? Then what it shows
    /// was left to be decided later. Or is an object that may change also used where it shows?
    fn shows_what_was_left_open(&self, added: &BTreeSet<u32>, free_to_change: &BTreeSet<u32>) -> Result<bool> {
        let mut walk = Walk { added, free_to_change, seen: BTreeSet::new(), queue: Vec::new(), found: false };
        walk.collect(&Object::Dictionary(self.old.trailer().clone()));
        while let Some(number) = walk.queue.pop() {
            if let Some(indirect) = self.old.get(number)? {
                walk.collect(&indirect.object);
            }
            if walk.found {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A walk over everything that the signed revision can reach.
struct Walk<'s> {
    added: &'s BTreeSet<u32>,
    free_to_change: &'s BTreeSet<u32>,
    seen: BTreeSet<u32>,
    queue: Vec<u32>,
    found: bool,
}

impl Walk<'_> {
    fn collect(&mut self, object: &Object) {
        match object {
            Object::Reference((number, _)) => {
                self.found |= self.added.contains(number) || self.free_to_change.contains(number);
                self.visit(*number);
            }
            Object::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Object::Dictionary(dictionary) => {
                for (key, value) in dictionary.iter() {
                    match value {
                        // Under these keys nothing is found that a page shows, other than what was compared.
                        Object::Reference((number, _))
                            if FREE_TO_CHANGE.contains(&key.as_slice()) && !self.added.contains(number) =>
                        {
                            self.visit(*number);
                        }
                        value => self.collect(value),
                    }
                }
            }
            _ => {}
        }
    }

    fn visit(&mut self, number: u32) {
        if self.seen.insert(number) {
            self.queue.push(number);
        }
    }
}

fn same_dictionary(old: &Dictionary, new: &Dictionary) -> bool {
    old.len() == new.len() && old.iter().all(|(key, value)| new.get(key).is_ok_and(|other| other == value))
}

fn list(reader: &Reader<'_>, owner: &Dictionary, key: &[u8]) -> Result<Vec<Object>> {
    Ok(match reader.value(owner, key)? {
        Object::Array(items) => items,
        _ => Vec::new(),
    })
}

/// If both revisions keep the array as the same object, that object was compared item by item.
fn note_array(old: &Dictionary, new: &Dictionary, key: &[u8], checked: &mut Checked) {
    if let (Ok(Object::Reference(old)), Ok(Object::Reference(new))) = (old.get(key), new.get(key))
        && old == new
    {
        checked.free_to_change.insert(old.0);
    }
}

/// What `new` has besides the items of `old`, which must all be there in their order.
fn additions<'o>(old: &[Object], new: &'o [Object]) -> Option<Vec<&'o Object>> {
    let mut expected = old.iter().peekable();
    let mut extra = Vec::new();
    for item in new {
        if expected.peek() == Some(&item) {
            expected.next();
        } else {
            extra.push(item);
        }
    }
    expected.next().is_none().then_some(extra)
}
