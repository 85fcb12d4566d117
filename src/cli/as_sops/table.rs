//! SOPS's commands and options, as a table: parsing, help, completion and the page on compatibility come from it.

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Values that add up.
    List,
    /// A whole number.
    Number,
    /// Nothing: it is there or not.
    Switch,
    /// A text; the last one counts.
    Text,
}

/// An option.
#[derive(Debug)]
pub(super) struct Flag {
    /// Its name, without dashes.
    pub(super) name: &'static str,
    /// Another name, mostly a letter.
    pub(super) alias: Option<&'static str>,
    pub(super) kind: Kind,
    /// The variable that stands for it where it is not given.
    pub(super) variable: Option<&'static str>,
    pub(super) about: &'static str,
}

impl Flag {
    const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, alias: None, kind, variable: None, about }
    }

    const fn text(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Text, about)
    }

    const fn switch(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Switch, about)
    }

    const fn alias(self, alias: &'static str) -> Self {
        Self { alias: Some(alias), ..self }
    }

    const fn variable(self, variable: &'static str) -> Self {
        Self { variable: Some(variable), ..self }
    }

    /// Whether it is on when nothing is said.
    pub(super) fn is_on_by_default(&self) -> bool {
        self.name == LOCAL.name
    }
}

/// A command.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) name: &'static str,
    /// The arguments, for help.
    pub(super) arguments: &'static str,
    pub(super) about: &'static str,
    pub(super) flags: &'static [Flag],
    /// The commands in it; it does nothing itself then.
    pub(super) commands: &'static [Self],
}

impl Command {
    const fn new(name: &'static str, arguments: &'static str, about: &'static str, flags: &'static [Flag]) -> Self {
        Self { name, arguments, about, flags, commands: &[] }
    }

    /// The option called so.
    pub(super) fn flag(&self, name: &str) -> Option<&'static Flag> {
        self.flags.iter().find(|flag| flag.name == name || flag.alias == Some(name))
    }

    /// The command in it that is called so.
    pub(super) fn command(&self, name: &str) -> Option<&'static Self> {
        self.commands.iter().find(|command| command.name == name)
    }
}

const IN_PLACE: Flag = Flag::switch("in-place", "replace the file instead of printing the result").alias("i");
const OUTPUT: Flag = Flag::text("output", "write the result to this file");
const INPUT_TYPE: Flag = Flag::text("input-type", "what the file is: yaml, json, dotenv, ini or binary");
const OUTPUT_TYPE: Flag = Flag::text("output-type", "what the result is to be: yaml, json, dotenv, ini or binary");
const OVERRIDE: Flag = Flag::text("filename-override", "take formats and rule from this name");
const EXTRACT: Flag = Flag::text("extract", "only what is at this place, as '[\"db\"][\"users\"][0]'");
const IGNORE_MAC: Flag = Flag::switch("ignore-mac", "do not check the MAC");
const ORDER: Flag = Flag::text("decryption-order", "the order in which sorts of keys are tried, separated by commas")
    .variable("SOPS_DECRYPTION_ORDER");
const LOCAL: Flag = Flag::switch("enable-local-keyservice", "use the keys of this machine, as is done anyway")
    .variable("SOPS_ENABLE_LOCAL_KEYSERVICE");
const KEYSERVICE: Flag =
    Flag::new("keyservice", Kind::List, "a key service to ask too; none is spoken to here").variable("SOPS_KEYSERVICE");
const YES: Flag = Flag::switch("yes", "do not ask").alias("y");
const VERBOSE: Flag = Flag::switch("verbose", "say more");
const THRESHOLD: Flag =
    Flag::new("shamir-secret-sharing-threshold", Kind::Number, "how many key groups are needed to open the file");
const CONTEXT: Flag = Flag::text("encryption-context", "context of KMS keys: NAME:VALUE, separated by commas");
const PROFILE: Flag = Flag::text("aws-profile", "the profile of AWS credentials, for AWS KMS");

const KMS: Flag = Flag::text("kms", "AWS KMS keys, separated by commas").alias("k").variable("SOPS_KMS_ARN");
const GCP: Flag = Flag::text("gcp-kms", "GCP KMS keys, separated by commas").variable("SOPS_GCP_KMS_IDS");
const HCKMS: Flag =
    Flag::text("hckms", "HuaweiCloud KMS keys, separated by commas").variable("SOPS_HUAWEICLOUD_KMS_IDS");
const AZURE: Flag =
    Flag::text("azure-kv", "keys in Azure Key Vaults, separated by commas").variable("SOPS_AZURE_KEYVAULT_URLS");
const VAULT: Flag =
    Flag::text("hc-vault-transit", "keys in HashiCorp Vaults, separated by commas").variable("SOPS_VAULT_URIS");
const PGP: Flag = Flag::text("pgp", "fingerprints of PGP keys, separated by commas").alias("p").variable("SOPS_PGP_FP");
const AGE: Flag = Flag::text("age", "age recipients, separated by commas").alias("a").variable("SOPS_AGE_RECIPIENTS");

const UNENCRYPTED_SUFFIX: Flag =
    Flag::text("unencrypted-suffix", "values under keys that end so stay clear; `_unencrypted` if nothing is said");
const ENCRYPTED_SUFFIX: Flag = Flag::text("encrypted-suffix", "only values under keys that end so are encrypted");
const UNENCRYPTED_REGEX: Flag = Flag::text("unencrypted-regex", "values under keys that match stay clear");
const ENCRYPTED_REGEX: Flag = Flag::text("encrypted-regex", "only values under keys that match are encrypted");

const UNENCRYPTED_COMMENT_REGEX: Flag =
    Flag::text("unencrypted-comment-regex", "values below comments that match stay clear");
const ENCRYPTED_COMMENT_REGEX: Flag =
    Flag::text("encrypted-comment-regex", "only values below comments that match are encrypted");

const ADD_GCP: Flag = Flag::text("add-gcp-kms", "add these GCP KMS keys");
const RM_GCP: Flag = Flag::text("rm-gcp-kms", "remove these GCP KMS keys");
const ADD_HCKMS: Flag = Flag::text("add-hckms", "add these HuaweiCloud KMS keys");
const RM_HCKMS: Flag = Flag::text("rm-hckms", "remove these HuaweiCloud KMS keys");
const ADD_AZURE: Flag = Flag::text("add-azure-kv", "add these keys in Azure Key Vaults");
const RM_AZURE: Flag = Flag::text("rm-azure-kv", "remove these keys in Azure Key Vaults");
const ADD_KMS: Flag = Flag::text("add-kms", "add these AWS KMS keys");
const RM_KMS: Flag = Flag::text("rm-kms", "remove these AWS KMS keys");
const ADD_VAULT: Flag = Flag::text("add-hc-vault-transit", "add these keys in HashiCorp Vaults");
const RM_VAULT: Flag = Flag::text("rm-hc-vault-transit", "remove these keys in HashiCorp Vaults");
const ADD_AGE: Flag = Flag::text("add-age", "add these age recipients");
const RM_AGE: Flag = Flag::text("rm-age", "remove these age recipients");
const ADD_PGP: Flag = Flag::text("add-pgp", "add these PGP keys");
const RM_PGP: Flag = Flag::text("rm-pgp", "remove these PGP keys");

/// The program itself: what may stand before the command, and the form without a command.
pub(super) static PROGRAM: Command = Command {
    name: "sops",
    arguments: "[command] [file]",
    about: "keeps secrets in files: encrypts their values with age and PGP keys",
    flags: &[
        Flag::switch("decrypt", "decrypt a file and print it").alias("d"),
        Flag::switch("encrypt", "encrypt a file and print it").alias("e"),
        Flag::switch("rotate", "give a file a new data key and print it").alias("r"),
        Flag::switch("disable-version-check", "do not look for newer versions, as is never done here")
            .variable("SOPS_DISABLE_VERSION_CHECK"),
        Flag::switch("check-for-updates", "look for newer versions, which is not done here"),
        KMS,
        PROFILE,
        GCP,
        HCKMS,
        AZURE,
        VAULT,
        PGP,
        AGE,
        IN_PLACE,
        EXTRACT,
        INPUT_TYPE,
        OUTPUT_TYPE,
        Flag::switch("show-master-keys", "show the metadata in the editor").alias("s"),
        ADD_GCP,
        RM_GCP,
        ADD_HCKMS,
        RM_HCKMS,
        ADD_AZURE,
        RM_AZURE,
        ADD_KMS,
        RM_KMS,
        ADD_VAULT,
        RM_VAULT,
        ADD_AGE,
        RM_AGE,
        ADD_PGP,
        RM_PGP,
        IGNORE_MAC,
        Flag::switch("mac-only-encrypted", "the MAC covers encrypted values only"),
        UNENCRYPTED_SUFFIX,
        ENCRYPTED_SUFFIX,
        UNENCRYPTED_REGEX,
        ENCRYPTED_REGEX,
        UNENCRYPTED_COMMENT_REGEX,
        ENCRYPTED_COMMENT_REGEX,
        Flag::text("config", "the config file, instead of the nearest .sops.yaml from here upwards")
            .variable("SOPS_CONFIG"),
        CONTEXT,
        Flag::text("set", "set a value in a file: '[\"db\"][\"user\"] \"app\"', the value as JSON"),
        THRESHOLD,
        Flag::new("indent", Kind::Number, "how many blanks a level is indented by, in YAML and JSON"),
        VERBOSE,
        OUTPUT,
        OVERRIDE,
        ORDER,
        LOCAL,
        KEYSERVICE,
        Flag::switch("help", "print help").alias("h"),
        Flag::switch("version", "print the version").alias("v"),
    ],
    commands: &[
        Command {
            name: "completion",
            arguments: "bash|zsh",
            about: "print a script that completes command lines",
            flags: &[],
            commands: &[
                Command::new("bash", "", "print the script for bash", &[]),
                Command::new("zsh", "", "print the script for zsh", &[]),
            ],
        },
        Command::new(
            "exec-env",
            "file command",
            "run a command with the values in its environment",
            &[
                Flag::switch("background", "do not wait for the command"),
                Flag::switch("pristine", "give the command nothing but the values"),
                Flag::text("user", "run the command as this user"),
                Flag::switch("same-process", "replace this process by the command"),
                ORDER,
                LOCAL,
                KEYSERVICE,
            ],
        ),
        Command::new(
            "exec-file",
            "file command",
            "run a command with the decrypted file in the place of `{}`",
            &[
                Flag::switch("background", "do not wait for the command"),
                Flag::switch("no-fifo", "a regular file instead of a pipe"),
                Flag::text("user", "run the command as this user"),
                INPUT_TYPE,
                OUTPUT_TYPE,
                Flag::text("filename", "the name of the decrypted file; `tmp-file` if nothing is said"),
                ORDER,
                LOCAL,
                KEYSERVICE,
            ],
        ),
        Command::new(
            "publish",
            "file",
            "publish a file or folder where the config says (not yet)",
            &[
                YES,
                Flag::switch("omit-extensions", "publish under names without extensions"),
                Flag::switch("recursive", "publish all files of a folder"),
                VERBOSE,
                ORDER,
                LOCAL,
                KEYSERVICE,
            ],
        ),
        Command::new(
            "keyservice",
            "",
            "serve the keys of this machine to others (not yet)",
            &[
                Flag::text("network", "the sort of network").alias("net"),
                Flag::text("address", "the address").alias("addr"),
                Flag::switch("prompt", "ask before each use"),
                VERBOSE,
            ],
        ),
        Command::new("filestatus", "file", "tell whether a file is encrypted", &[INPUT_TYPE]),
        Command {
            name: "groups",
            arguments: "add|delete",
            about: "change the key groups of a file",
            flags: &[],
            commands: &[
                Command::new(
                    "add",
                    "",
                    "add a key group to a file",
                    &[
                        Flag::text("file", "the file").alias("f"),
                        Flag::new("pgp", Kind::List, "PGP keys of the group"),
                        Flag::new("kms", Kind::List, "AWS KMS keys of the group"),
                        PROFILE,
                        Flag::new("gcp-kms", Kind::List, "GCP KMS keys of the group"),
                        Flag::new("hckms", Kind::List, "HuaweiCloud KMS keys of the group"),
                        Flag::new("azure-kv", Kind::List, "keys in Azure Key Vaults of the group"),
                        Flag::new("hc-vault-transit", Kind::List, "keys in HashiCorp Vaults of the group"),
                        Flag::new("age", Kind::List, "age recipients of the group"),
                        IN_PLACE,
                        THRESHOLD,
                        CONTEXT,
                        LOCAL,
                        KEYSERVICE,
                    ],
                ),
                Command::new(
                    "delete",
                    "index",
                    "remove a key group from a file; the first one is 0",
                    &[Flag::text("file", "the file").alias("f"), IN_PLACE, THRESHOLD, LOCAL, KEYSERVICE],
                ),
            ],
        },
        Command::new(
            "updatekeys",
            "file…",
            "give files the keys of their rules",
            &[YES, INPUT_TYPE, LOCAL, KEYSERVICE],
        ),
        Command::new(
            "decrypt",
            "[file]",
            "decrypt a file, or standard input, and print it",
            &[IN_PLACE, EXTRACT, OUTPUT, INPUT_TYPE, OUTPUT_TYPE, IGNORE_MAC, OVERRIDE, ORDER, LOCAL, KEYSERVICE],
        ),
        Command::new(
            "encrypt",
            "[file]",
            "encrypt a file, or standard input, and print it",
            &[
                IN_PLACE,
                OUTPUT,
                KMS,
                PROFILE,
                GCP,
                HCKMS,
                AZURE,
                VAULT,
                PGP,
                AGE,
                INPUT_TYPE,
                OUTPUT_TYPE,
                UNENCRYPTED_SUFFIX,
                ENCRYPTED_SUFFIX,
                UNENCRYPTED_REGEX,
                ENCRYPTED_REGEX,
                UNENCRYPTED_COMMENT_REGEX,
                ENCRYPTED_COMMENT_REGEX,
                CONTEXT,
                THRESHOLD,
                OVERRIDE,
                LOCAL,
                KEYSERVICE,
            ],
        ),
        Command::new(
            "rotate",
            "file",
            "give a file a new data key and print it",
            &[
                IN_PLACE,
                OUTPUT,
                INPUT_TYPE,
                OUTPUT_TYPE,
                CONTEXT,
                ADD_GCP,
                RM_GCP,
                ADD_HCKMS,
                RM_HCKMS,
                ADD_AZURE,
                RM_AZURE,
                ADD_KMS,
                RM_KMS,
                ADD_VAULT,
                RM_VAULT,
                ADD_AGE,
                RM_AGE,
                ADD_PGP,
                RM_PGP,
                OVERRIDE,
                ORDER,
                LOCAL,
                KEYSERVICE,
            ],
        ),
        Command::new(
            "edit",
            "file",
            "edit a file in your editor, or make a new one",
            &[
                KMS,
                PROFILE,
                GCP,
                HCKMS,
                AZURE,
                VAULT,
                PGP,
                AGE,
                INPUT_TYPE,
                OUTPUT_TYPE,
                UNENCRYPTED_SUFFIX,
                ENCRYPTED_SUFFIX,
                UNENCRYPTED_REGEX,
                ENCRYPTED_REGEX,
                UNENCRYPTED_COMMENT_REGEX,
                ENCRYPTED_COMMENT_REGEX,
                CONTEXT,
                THRESHOLD,
                Flag::switch("show-master-keys", "show the metadata in the editor").alias("s"),
                IGNORE_MAC,
                ORDER,
                LOCAL,
                KEYSERVICE,
            ],
        ),
        Command::new(
            "set",
            "file index [value]",
            "set a value in a file; it is given as JSON",
            &[
                INPUT_TYPE,
                OUTPUT_TYPE,
                Flag::switch("value-file", "the value is the name of a file that holds it"),
                Flag::switch("value-stdin", "read the value from standard input"),
                THRESHOLD,
                IGNORE_MAC,
                ORDER,
                Flag::switch("idempotent", "change nothing when the value is there already"),
                LOCAL,
                KEYSERVICE,
            ],
        ),
        Command::new(
            "unset",
            "file index",
            "remove a value from a file",
            &[
                INPUT_TYPE,
                OUTPUT_TYPE,
                THRESHOLD,
                IGNORE_MAC,
                ORDER,
                Flag::switch("idempotent", "change nothing when the value is not there"),
                LOCAL,
                KEYSERVICE,
            ],
        ),
    ],
};

#[cfg(test)]
mod tests;
