use std::io::{Read, Write};

fn main() {
    let mut text = String::new();
    std::fs::File::create("rust").unwrap().write_all(b"written\n").unwrap();
    std::fs::File::open("rust").unwrap().read_to_string(&mut text).unwrap();
    println!("{} {:?}", text.trim(), std::fs::metadata("no").map_err(|e| e.kind()));
    std::fs::remove_file("rust").unwrap();
    std::process::exit(std::env::args().count() as i32);
}
