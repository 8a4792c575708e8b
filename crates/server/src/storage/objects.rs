//! Objects named by their content: images, PDFs. The same octets are stored once; a name tells whether they are intact.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use object_store::{ObjectStore, ObjectStoreExt as _, local::LocalFileSystem, path::Path as ObjectPath};

use super::StorageError;

/// The object store.
#[derive(Clone)]
pub struct Blobs(Arc<dyn ObjectStore>);

impl Blobs {
    /// Objects in the folder `folder`, created when absent.
    pub fn local(folder: &Path) -> Result<Self, StorageError> {
        std::fs::create_dir_all(folder)?;
        Ok(Self(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))))
    }

    /// Stores `content` and returns its name: the hexadecimal SM3 digest.
    pub async fn put(&self, content: impl Into<Bytes>) -> Result<String, StorageError> {
        let content = content.into();
        let name = name_of(&content).await?;
        self.0.put(&location(&name), content.into()).await?;
        Ok(name)
    }

    /// The content of that name.
    pub async fn get(&self, name: &str) -> Result<Bytes, StorageError> {
        let content = self.0.get(&location(name)).await?.bytes().await?;
        if name_of(&content).await? != name {
            return Err(StorageError::Secret("an object is not what its name says"));
        }
        Ok(content)
    }

    /// Removes the content of that name. What is gone already is no error.
    pub async fn delete(&self, name: &str) -> Result<(), StorageError> {
        match self.0.delete(&location(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Larger objects are digested beside the event loop.
const QUICK: usize = 64 << 10;

async fn name_of(content: &Bytes) -> Result<String, StorageError> {
    let digest = if content.len() <= QUICK {
        gm::sm3::digest(content)
    } else {
        let content = content.clone();
        tokio::task::spawn_blocking(move || gm::sm3::digest(&content)).await.map_err(std::io::Error::from)?
    };
    Ok(hex::encode(digest))
}

/// Two folder levels keep each folder small.
fn location(name: &str) -> ObjectPath {
    let folder = name.get(..2).unwrap_or("__");
    ObjectPath::from_iter(["objects", folder, name])
}
