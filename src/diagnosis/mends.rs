//! The bytes of a body as they arrive, in common frameworks: what mends a body that was read and written again.

use super::model::{Conclusion, Diagnosis, Part};

/// Frameworks, each with code that takes the bytes before anything reads them.
pub const FRAMEWORKS: [(&str, &str); 9] = [
    ("Express (JavaScript)", include_str!("mends/express.js")),
    ("Next.js, app router (JavaScript)", include_str!("mends/nextjs.js")),
    ("Next.js, pages router (JavaScript)", include_str!("mends/nextjs-pages.js")),
    ("FastAPI (Python)", include_str!("mends/fastapi.py")),
    ("Django (Python)", include_str!("mends/django.py")),
    ("Laravel (PHP)", include_str!("mends/laravel.php")),
    ("Spring (Java)", include_str!("mends/spring.java")),
    ("Amazon API Gateway (Python)", include_str!("mends/api-gateway.py")),
    ("Amazon API Gateway (JavaScript)", include_str!("mends/api-gateway.js")),
];

/// Returns the frameworks where one of some diagnoses names a mistake about the bytes of a body.
pub fn frameworks<'d>(mut diagnoses: impl Iterator<Item = &'d Diagnosis>) -> &'static [(&'static str, &'static str)] {
    let is_of_body = |part: &Part| matches!(part, Part::Mutant(mutant) if mutant.operator.is_of_body());
    let names_one = |diagnosis: &Diagnosis| match &diagnosis.verdict {
        Conclusion::Explained(explained) if !explained.is_open() => {
            explained.candidates[0].class[0].0.iter().any(is_of_body)
        }
        _ => false,
    };
    if diagnoses.any(names_one) { &FRAMEWORKS } else { &[] }
}
