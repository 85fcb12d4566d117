//! What an attacker may try with an encrypted file, one test per attack, through the public API only.
//!
//! Every value and comment in these tests holds [`tamper::support::CANARY`], and every error is searched for it (I6).

mod tamper {
    mod support;

    mod admitted;
    mod bytes;
    mod clear_leaves;
    mod history;
    mod hostile_input;
    mod json_and_dotenv;
    mod key_groups;
    mod metadata;
    mod properties;
    mod rekey;
    mod sections;
    mod toml_ini_and_others;
    mod yaml_leaves;
    mod yaml_syntax;
}
