//! Names, images and pods of containers by their ids, from the files of their runtimes.

use crate::local::procfs::Root;
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};

/// The longest file of a runtime that is read, in bytes.
const LONGEST: u64 = 4 << 20;
/// Ids that are remembered.
const MOST_KNOWN: usize = 4096;
/// Letters of an id that are shown where no name is known.
const SHORT_ID: usize = 12;
/// The length of a container's id.
const ID: usize = 64;
/// Folders of users that are searched for Podman's files.
const MOST_HOMES: usize = 64;

/// What a runtime's files say of a container.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct ContainerName {
    /// Its name; of a pod's container `NAMESPACE/POD/CONTAINER`.
    pub name: Option<Arc<str>>,
    /// The image that it was made of.
    pub image: Option<Arc<str>>,
    /// `NAMESPACE/POD`.
    pub pod: Option<Arc<str>>,
    /// It only holds a pod's namespaces.
    pub is_sandbox: bool,
}

/// Containers by their ids; each id is looked up once.
pub struct ContainerNames {
    root: Root,
    known: HashMap<String, ContainerName>,
}

impl ContainerNames {
    /// Of the containers below that root.
    pub fn below(root: &Root) -> ContainerNames {
        ContainerNames { root: root.clone(), known: HashMap::new() }
    }

    /// What is known of an id. An id without a name is looked up again at the next call.
    pub fn find(&mut self, id: &str) -> ContainerName {
        if let Some(known) = self.known.get(id) {
            return known.clone();
        }
        let found = docker(&self.root, id)
            .or_else(|| containerd(&self.root, id))
            .or_else(|| kubernetes(&self.root, id))
            .or_else(|| podman(&self.root, id))
            .unwrap_or_default();
        if found.name.is_some() || found.is_sandbox {
            if self.known.len() >= MOST_KNOWN {
                self.known.clear();
            }
            self.known.insert(id.to_owned(), found.clone());
        }
        found
    }
}

/// The beginning of an id, as `docker ps` shows it.
pub fn short(id: &str) -> &str {
    id.get(..SHORT_ID).unwrap_or(id)
}

/// A container in the path of a cgroup.
#[derive(PartialEq, Debug)]
pub enum ContainerRef<'a> {
    /// By its name: LXC, nspawn.
    Named(&'a str),
    /// By its id.
    Id(&'a str),
}

/// The container that one name of a cgroup's path is for: an id of 64 hexadecimal digits, bare or in the
/// name of a scope (`docker-ID.scope`, `cri-containerd-ID.scope`); LXC and nspawn have names. The monitor
/// of a container (`conmon`) is not one.
pub fn container(part: &str) -> Option<ContainerRef<'_>> {
    let bare = part.strip_suffix(".scope").unwrap_or(part);
    let is_id = |id: &&str| id.len() == ID && id.bytes().all(|b| b.is_ascii_hexdigit());
    if let Some(id) = bare.rsplit(['-', ':']).next().filter(is_id) {
        return (!bare.contains("conmon")).then_some(ContainerRef::Id(id));
    }
    let named = |begin| bare.strip_prefix(begin).filter(|name| !name.is_empty());
    named("lxc.payload.").or_else(|| named("machine-")).map(ContainerRef::Named)
}

fn json(root: &Root, path: &str) -> Option<Value> {
    serde_json::from_slice(&root.path(path).read(LONGEST).ok()?).ok()
}

fn text(value: &Value, path: &[&str]) -> Option<Arc<str>> {
    let found = path.iter().try_fold(value, |value, key| value.get(key))?.as_str()?;
    let found = found.trim_start_matches('/');
    (!found.is_empty()).then(|| found.into())
}

/// `/var/lib/docker/containers/ID/config.v2.json`, which root may read. The kubelet's older containers are
/// docker's too, and their names say so.
fn docker(root: &Root, id: &str) -> Option<ContainerName> {
    let config = json(root, &format!("var/lib/docker/containers/{id}/config.v2.json"))?;
    let name = text(&config, &["Name"])?;
    let image = text(&config, &["Config", "Image"]);
    let mut words = name.split('_');
    let pod = (words.next() == Some("k8s"))
        .then(|| Some((words.next()?, words.next()?, words.next()?)))
        .flatten();
    match pod {
        Some(("POD", ..)) => Some(ContainerName { is_sandbox: true, ..ContainerName::default() }),
        Some((container, pod, namespace)) => Some(of_pod(namespace, pod, container, image)),
        None => Some(ContainerName { name: Some(name), image, ..ContainerName::default() }),
    }
}

fn of_pod(namespace: &str, pod: &str, container: &str, image: Option<Arc<str>>) -> ContainerName {
    ContainerName {
        name: Some(format!("{namespace}/{pod}/{container}").into()),
        image,
        pod: Some(format!("{namespace}/{pod}").into()),
        is_sandbox: false,
    }
}

/// containerd's bundles, which root may read: the annotations of Kubernetes and of nerdctl.
fn containerd(root: &Root, id: &str) -> Option<ContainerName> {
    let tasks = "run/containerd/io.containerd.runtime.v2.task";
    let namespaces = root.path(tasks).names();
    let config =
        namespaces.iter().find_map(|n| json(root, &format!("{tasks}/{n}/{id}/config.json")))?;
    let annotations = config.get("annotations")?;
    let cri = |key: &str| text(annotations, &[&format!("io.kubernetes.cri.{key}")]);
    if cri("container-type").as_deref() == Some("sandbox") {
        return Some(ContainerName { is_sandbox: true, ..ContainerName::default() });
    }
    let pod = cri("sandbox-namespace").zip(cri("sandbox-name")).zip(cri("container-name"));
    if let Some(((namespace, pod), container)) = pod {
        return Some(of_pod(&namespace, &pod, &container, cri("image-name")));
    }
    let name = text(annotations, &["nerdctl/name"])?;
    Some(ContainerName { name: Some(name), ..ContainerName::default() })
}

/// The kubelet's links to logs, `POD_NAMESPACE_CONTAINER-ID.log`, which all users may list.
fn kubernetes(root: &Root, id: &str) -> Option<ContainerName> {
    let end = format!("-{id}.log");
    root.path("var/log/containers").names().iter().find_map(|name| {
        let mut words = name.strip_suffix(&end)?.splitn(3, '_');
        let (pod, namespace, container) = (words.next()?, words.next()?, words.next()?);
        Some(of_pod(namespace, pod, container, None))
    })
}

/// Podman's and CRI-O's `STORAGE/DRIVER-containers/containers.json`, of root and of users.
fn podman(root: &Root, id: &str) -> Option<ContainerName> {
    let homes = root.path("home").names().into_iter().take(MOST_HOMES);
    let users = homes.map(|home| format!("home/{home}/.local/share/containers/storage"));
    let own = ["var/lib/containers/storage", "root/.local/share/containers/storage"];
    let mut storages = own.map(str::to_owned).into_iter().chain(users);
    storages.find_map(|storage| {
        let drivers = root.path(&storage).names();
        let folders = drivers.iter().filter(|name| name.ends_with("-containers"));
        let files = folders.flat_map(|folder| {
            ["containers.json", "volatile-containers.json"]
                .map(|f| format!("{storage}/{folder}/{f}"))
        });
        files.into_iter().find_map(|file| of_storage(&json(root, &file)?, id))
    })
}

fn of_storage(list: &Value, id: &str) -> Option<ContainerName> {
    let found =
        list.as_array()?.iter().find(|c| c.get("id").and_then(Value::as_str) == Some(id))?;
    let metadata = found.get("metadata").and_then(Value::as_str).unwrap_or_default();
    let metadata: Value = serde_json::from_str(metadata).unwrap_or_default();
    let image = text(&metadata, &["image-name"]);
    let name = found.get("names").and_then(|names| names.get(0)).and_then(Value::as_str)?;
    if let Some(rest) = name.strip_prefix("k8s_") {
        let mut words = rest.split('_');
        let (container, pod, namespace) = (words.next()?, words.next()?, words.next()?);
        if container == "POD" {
            return Some(ContainerName { is_sandbox: true, ..ContainerName::default() });
        }
        return Some(of_pod(namespace, pod, container, image));
    }
    Some(ContainerName { name: Some(name.into()), image, ..ContainerName::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::files::FileTree;

    fn names(files: &[(&str, &str)]) -> ContainerNames {
        let tree = FileTree::default();
        files.iter().for_each(|(path, text)| tree.put(*path, text.as_bytes().to_vec()));
        ContainerNames::below(&Root::of_tree(tree))
    }

    fn said(found: &ContainerName) -> [&str; 3] {
        [&found.name, &found.image, &found.pod].map(|text| text.as_deref().unwrap_or("-"))
    }

    #[test]
    fn each_runtime_names_its_containers() {
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|letter| letter.repeat(ID));
        let storage = format!(
            r#"[{{"id":"{b}","names":["cache"],"metadata":"{{\"image-name\":\"docker.io/redis:7\"}}"}}]"#
        );
        let mut names = names(&[
            (
                &format!("/var/lib/docker/containers/{a}/config.v2.json"),
                r#"{"Name":"/web","Config":{"Image":"nginx:1.27"}}"#,
            ),
            (
                "/home/ann/.local/share/containers/storage/overlay-containers/containers.json",
                &storage,
            ),
            (&format!("/var/log/containers/api-7f_shop_server-{c}.log"), "x"),
            (
                &format!("/run/containerd/io.containerd.runtime.v2.task/k8s.io/{d}/config.json"),
                r#"{"annotations":{"io.kubernetes.cri.container-type":"sandbox"}}"#,
            ),
        ]);
        assert_eq!(said(&names.find(&a)), ["web", "nginx:1.27", "-"]);
        assert_eq!(said(&names.find(&b)), ["cache", "docker.io/redis:7", "-"]);
        assert_eq!(said(&names.find(&c)), ["shop/api-7f/server", "-", "shop/api-7f"]);
        assert!(names.find(&d).is_sandbox);
        assert_eq!(names.find(&"e".repeat(ID)), ContainerName::default());
    }

    #[test]
    fn broken_files_name_nothing() {
        let id = "a".repeat(ID);
        let path = format!("/var/lib/docker/containers/{id}/config.v2.json");
        for text in ["", "{", "[]", r#"{"Name":5}"#, r#"{"Name":"/"}"#] {
            assert_eq!(names(&[(&path, text)]).find(&id), ContainerName::default(), "{text}");
        }
    }
}
