//! Values that are more or less than one leaf, in the formats beside YAML.

use super::*;

#[test]
fn b2_json_values_that_are_not_one_leaf() {
    let template = "{\"db\": {\"a\": \"LEAF\"}, \"x\": 1}";
    for text in [
        "\"CANARY\",\"admin\":true",
        "\"CANARY\"}, \"y\": {\"z\": 1",
        "CANARY",
        "\"CANARY",
        "CANARY\"",
        "\"CANARY\" ",
        " \"CANARY\"",
        "\"CANARY\n\"",
        "\"CANARY\\x\"",
        "[1]",
        "{}",
        "[",
        "1,2",
        "01",
        "+1",
        "NaN",
        "truefalse",
        "",
        "'CANARY'",
        "\"CANARY\" // c",
        "\"a\"\"CANARY\"",
    ] {
        assert_eq!(opened("json", template, &[value("\"LEAF\"", text)]), refused("db.a", 1, 14), "{text:?}");
    }
    for text in ["\"CANARY \\\" \u{2028}\"", "-1.0e+5", "null", "\"\\ud800\""] {
        assert_eq!(opened("json", template, &[value("\"LEAF\"", text)]), Ok(template.replace("\"LEAF\"", text)));
    }
}

#[test]
fn b2_toml_values_that_are_not_one_leaf() {
    for text in [
        "'CANARY'\nx2 = 1",
        "'CANARY'\n[evil]",
        "'CANARY' # c",
        "'CANARY' ",
        " 'CANARY'",
        "'CANARY",
        "CANARY",
        "\"CANARY\\x\"",
        "['CANARY']",
        "{}",
        "1, 2",
        "1__0",
        "",
        "\"\"\"CANARY",
    ] {
        assert_eq!(opened("toml", TOML, &[value("'LEAF'", text)]), refused("db.a", 3, 5), "{text:?}");
        let found = opened("toml", TOML, &[value("'FLOW'", text)]);
        assert_eq!(found, refused("db.t.k", 6, 11), "{text:?}");
    }
    for text in ["\"\"\"\nCANARY\n\"\"\"", "'CANARY'", "1979-05-27 07:32:00", "-inf", "0xff"] {
        let opened = opened("toml", TOML, &[value("'FLOW'", text)]);
        assert_eq!(opened, Ok(TOML.replace("'FLOW'", text)), "{text:?}");
    }
    // Two that enclose what lies between, and a line that would end the body.
    let others = [value("'LEAF'", "\"\"\"CANARY"), value("'END'", "x\"\"\"")];
    assert_eq!(opened("toml", TOML, &others), refused("db.a", 3, 5));
    let found = opened("toml", TOML, &[value("'LEAF'", "'''\n[sops-rs]\nCANARY'''")]);
    assert!(matches!(found, Err(Error::Authentication { step: Step::Splice, .. })), "{found:?}");
}

#[test]
fn b2_ini_values_that_are_not_one_leaf() {
    for text in [
        "CANARY\nx2 = 1",
        "CANARY\n[evil]",
        "CANARY\n  x2 = 1",
        "CANARY\n\n  x",
        "CANARY\\",
        " CANARY",
        "'CANARY",
        "'CANARY' ",
        "\"\"\"CANARY",
        "`CANARY",
        "CANARY\n",
        "",
    ] {
        assert_eq!(opened("ini", INI, &[value("LEAF", text)]), refused("db.a", 3, 5), "{text:?}");
    }
    // In front of blanks only quotes keep the two apart.
    for (text, fits) in [("\"CANARY\"", true), ("CANARY", false), ("'x' CANARY", false), ("\"CANARY\" ; c", false)] {
        let found = opened("ini", INI, &[value("'END'", text)]);
        assert_eq!(found.is_ok(), fits, "{text:?}: {found:?}");
    }
    for text in ["CANARY = : ; # x", "\n  CANARY\n  x", "'CANARY'", "'CANARY' ; c", "[CANARY]"] {
        assert_eq!(opened("ini", INI, &[value("LEAF", text)]), Ok(INI.replace("LEAF", text)), "{text:?}");
    }
    // Lines that continue the value here would be lines of their own below a key that is indented.
    let deep = INI.replace("a = LEAF", "    a = LEAF");
    let found = opened("ini", &deep, &[value("LEAF", "CANARY\n  x")]);
    assert!(matches!(found, Err(Error::Authentication { step: Step::Splice, .. })), "{found:?}");
}

#[test]
fn b2_properties_values_that_are_not_one_leaf() {
    let template = "X=1\nDB_A=LEAF\nDB_B OTHER\nY=2\n";
    for text in ["CANARY\nY=3", "CANARY\\", "CANARY\\\n", " CANARY", "\\uCANA", "CANARY\n", ""] {
        assert_eq!(opened("properties", template, &[value("LEAF", text)]), refused("DB_A", 2, 6), "{text:?}");
    }
    // With nothing but a blank before it, this would be the delimiter.
    let found = opened("properties", template, &[value("OTHER", "=CANARY")]);
    assert!(matches!(found, Err(Error::Authentication { step: Step::Splice, .. })), "{found:?}");
    let found = opened("properties", template, &[value("LEAF", "=CANARY")]);
    assert_eq!(found, Ok(template.replace("LEAF", "=CANARY")));
}

#[test]
fn b2_dotenv_values_that_are_not_one_leaf() {
    let template = "X=1\nDB_A=LEAF\nY=2\n";
    for text in [
        "CANARY\nY=3",
        "CANARY\n",
        "\nCANARY",
        "\"CANARY",
        "'CANARY' ",
        "'CANARY' # c",
        "\"CANARY\nx\" # c",
        "'CANARY' x\n'",
        "",
    ] {
        assert_eq!(opened("dotenv", template, &[value("LEAF", text)]), refused("DB_A", 2, 6), "{text:?}");
    }
    // One line without quotes is one value, whatever it is.
    for text in ["CANARY # c", " CANARY ", "export CANARY=1", "\"CANARY\nx\"", "'CANARY' x"] {
        assert_eq!(opened("dotenv", template, &[value("LEAF", text)]), Ok(template.replace("LEAF", text)), "{text:?}");
    }
    // Where a comment stands behind the place, only quotes keep them apart.
    let template = "DB_A='LEAF' # NOTE\n";
    for text in ["CANARY", "'CANARY", "", "'CANARY' x"] {
        assert_eq!(opened("dotenv", template, &[value("'LEAF'", text)]), refused("DB_A", 1, 6), "{text:?}");
    }
    // A line that looks like metadata shows in the second scan only.
    let found = opened("dotenv", template, &[value("'LEAF'", "'CANARY\nsops_rs__version=1'")]);
    assert_eq!(found, Err(Error::Authentication { step: Step::Splice, path: None, at: None }));
}
