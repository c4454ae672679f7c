//! The container: a header, a table of files, their bytes one behind the other. Pure; borrows everything from the
//! package's bytes, so that no number in them can make it take more memory than the package has.

use super::Fault;
use super::table::{Limits, Table};

/// A file of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct File<'b> {
    /// Relative, `/` between folders, none of them `..`.
    pub name: &'b str,
    /// Its content.
    pub bytes: &'b [u8],
}

/// Bytes of the header: a mark, three numbers, a mark.
const HEADER: usize = 14;
/// The smallest entry of the table: length of the name, offset, size.
const ENTRY: usize = 12;

/// The files of a package, in the order of its table.
pub(super) fn files<'b>(bytes: &'b [u8], table: &Table) -> Result<Vec<File<'b>>, Fault> {
    if table
        .encrypted
        .iter()
        .any(|mark| bytes.starts_with(mark.as_bytes()))
    {
        return Err(Fault::Encrypted);
    }
    if bytes.first() != Some(&table.first_mark) {
        return Err(Fault::Unknown);
    }
    let mut index = Reader { bytes, at: 1 };
    let _version = index.number()?;
    let (index_length, body_length) = (index.number()? as usize, index.number()? as usize);
    match bytes.get(HEADER - 1) {
        Some(mark) if *mark == table.last_mark => {}
        Some(_) => return Err(Fault::Unknown),
        None => return Err(Fault::Truncated),
    }
    let body = HEADER.saturating_add(index_length);
    if body.saturating_add(body_length) > bytes.len() {
        return Err(Fault::Truncated);
    }
    index = Reader {
        bytes: &bytes[..body],
        at: HEADER,
    };
    let count = index.number().map_err(|_| Fault::Table)?;
    if count > table.limits.files || count as usize > index_length / ENTRY {
        return Err(Fault::Table);
    }
    let mut out = Vec::with_capacity(count as usize);
    let mut ranges = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let name = index.name(&table.limits)?;
        let mut number = || index.number().map_err(|_| Fault::Table);
        let (offset, size) = (number()? as usize, number()? as usize);
        let end = offset.saturating_add(size);
        let content = bytes.get(offset..end).filter(|_| offset >= body);
        let content = content.ok_or(Fault::Range)?;
        out.push(File {
            name,
            bytes: content,
        });
        if size > 0 {
            ranges.push((offset, end));
        }
    }
    ranges.sort_unstable();
    if ranges.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Err(Fault::Range);
    }
    let mut names: Vec<&str> = out.iter().map(|file| file.name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Fault::Table);
    }
    Ok(out)
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn take(&mut self, n: usize) -> Option<&'b [u8]> {
        let end = self.at.checked_add(n)?;
        let out = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(out)
    }

    /// A big-endian number.
    fn number(&mut self) -> Result<u32, Fault> {
        let four = self.take(4).and_then(|four| <[u8; 4]>::try_from(four).ok());
        four.map(u32::from_be_bytes).ok_or(Fault::Truncated)
    }

    fn name(&mut self, limits: &Limits) -> Result<&'b str, Fault> {
        let length = self.number().map_err(|_| Fault::Table)? as usize;
        if length > limits.name {
            return Err(Fault::Table);
        }
        let name = self.take(length).ok_or(Fault::Table)?;
        let name = std::str::from_utf8(name).map_err(|_| Fault::Name)?;
        inside(name).ok_or(Fault::Name)
    }
}

/// A name without the leading `/`, if it names a file inside of the package.
pub(super) fn inside(name: &str) -> Option<&str> {
    let name = name.trim_start_matches('/');
    let fine = |part: &str| {
        !matches!(part, "" | "." | "..") && !part.contains('\\') && !part.contains(char::is_control)
    };
    name.split('/').all(fine).then_some(name)
}
