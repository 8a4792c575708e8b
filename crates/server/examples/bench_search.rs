//! Search over a million enterprises, on SQLite or on the empty PostgreSQL database that `GUIQIAN_BENCH_DATABASE` names.
//! Prints one JSON line: the 99th percentile of what people type, in milliseconds. `bench_search COUNT` takes fewer;
//! `bench_search COUNT FOLDER` keeps SQLite's database there, and what is there is not loaded again.
//!
//! The names are made of real regions and trades, and of brands drawn from characters that firms like; the same every time.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait as _, DbBackend, EntityTrait as _, Set, Statement};
use server::{
    enterprise::{
        entity::enterprise,
        search::{self, grams, grams::Wanted},
    },
    events::Hub,
    storage::{Place, PostgresAddress, Storage},
};
use uuid::Uuid;

const ENTERPRISES: usize = 1_000_000;
const QUESTIONS: usize = 2_000;
/// Rows of one statement: PostgreSQL takes 65,535 values, SQLite 32,766. Grams come with two values, however many.
const GRAMS_AT_ONCE: usize = 50_000;
const NAMES_AT_ONCE: usize = 3_500;

const REGIONS: [&str; 48] = [
    "广西",
    "南宁",
    "柳州",
    "桂林",
    "梧州",
    "北海",
    "防城港",
    "钦州",
    "贵港",
    "玉林",
    "百色",
    "贺州",
    "河池",
    "来宾",
    "崇左",
    "北京",
    "上海",
    "天津",
    "重庆",
    "广东",
    "广州",
    "深圳",
    "珠海",
    "佛山",
    "东莞",
    "湖南",
    "长沙",
    "湖北",
    "武汉",
    "四川",
    "成都",
    "云南",
    "昆明",
    "贵州",
    "贵阳",
    "江苏",
    "南京",
    "苏州",
    "浙江",
    "杭州",
    "宁波",
    "福建",
    "厦门",
    "山东",
    "青岛",
    "河南",
    "郑州",
    "西安",
];
const BRAND: &str = "华盛鑫瑞恒泰达宏伟信诚安康宁博远航天宇海川江河山峰林森源泉金银铜铁钢石玉宝珠明亮光辉星月日阳春夏秋\
                     冬东西南北中正大同和平顺昌隆兴旺发富贵荣景福禄寿喜庆祥云龙凤麟虎鹏鹰燕鸿雁飞腾跃升起创新科智慧能\
                     联合众友邦德仁义礼善美佳优良精致卓越非凡超群领先锋驰骋通达利润丰裕满盈百千万亿一品尚雅文翰墨书香\
                     茗茶禾谷田园牧野青蓝紫红橙绿白黑素心意思想念梦幻奇妙灵秀清澈纯净洁雪霜露雨风雷电火炎焱晶磊鼎基业\
                     立建筑城邑都市港湾岛屿洲漓桂邕柳浔郁榕樟松柏梅兰竹菊荷莲芙蓉牡丹芳菲";
const TRADES: [&str; 60] = [
    "建设工程",
    "建筑工程",
    "建筑装饰工程",
    "市政工程",
    "园林绿化工程",
    "水利水电工程",
    "公路桥梁工程",
    "机电设备安装",
    "工程咨询",
    "工程监理",
    "招标代理",
    "造价咨询",
    "勘察设计",
    "测绘地理信息",
    "环保科技",
    "信息科技",
    "网络科技",
    "智能科技",
    "软件开发",
    "电子商务",
    "文化传媒",
    "广告传媒",
    "会展服务",
    "教育咨询",
    "企业管理",
    "商务咨询",
    "财税咨询",
    "人力资源",
    "劳务派遣",
    "物业服务",
    "保安服务",
    "餐饮管理",
    "酒店管理",
    "旅游开发",
    "房地产开发",
    "投资",
    "实业",
    "贸易",
    "商贸",
    "进出口贸易",
    "供应链管理",
    "物流",
    "运输",
    "汽车销售服务",
    "医疗器械",
    "医药",
    "生物科技",
    "农业科技",
    "农业开发",
    "林业",
    "食品",
    "茶业",
    "酒业",
    "服饰",
    "家具",
    "建材",
    "钢材",
    "机械设备",
    "电力设备",
    "新能源科技",
];
const FORMS: [&str; 6] = ["有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "集团有限公司"];

/// Xorshift: the same names at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn name(&mut self, brand: &[char]) -> String {
        let mut name = (*self.one(&REGIONS)).to_owned();
        if self.below(4) == 0 {
            name.push('市');
        }
        for _ in 0..2 + self.below(2) {
            name.push(*self.one(brand));
        }
        name + *self.one(&TRADES) + *self.one(&FORMS)
    }
}

#[tokio::main]
async fn main() {
    let count = std::env::args().nth(1).map_or(ENTERPRISES, |count| count.parse().unwrap());
    let passing = tempfile::tempdir().unwrap();
    let folder = std::env::args().nth(2).map_or(passing.path().to_owned(), PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    // In the environment, because the address holds a password.
    #[allow(clippy::disallowed_methods)]
    let database: Option<PostgresAddress> =
        std::env::var("GUIQIAN_BENCH_DATABASE").ok().map(|address| address.parse().unwrap());
    let engine = if database.is_some() { "postgres" } else { "sqlite" };
    let place = database.as_ref().map_or(Place::Folder(&folder), Place::Postgres);
    let db = Storage::open(place, Hub::default()).await.unwrap();

    let mut dice = Dice(0x6775_6971_6961_6e01);
    let brand: Vec<char> = BRAND.chars().filter(|one| !one.is_whitespace()).collect();
    let names: Vec<String> = (0..count).map(|_| dice.name(&brand)).collect();
    let begun = Instant::now();
    if enterprise::Entity::find().one(&*db).await.unwrap().is_none() {
        load(&db, &names).await;
        eprintln!("{count} enterprises in {:.0} s", begun.elapsed().as_secs_f64());
    }

    let mut took = Vec::with_capacity(QUESTIONS);
    let mut missed = Vec::new();
    for round in 0..QUESTIONS + QUESTIONS / 10 {
        let (typed, expected) = question(&mut dice, &names, &brand);
        let wanted = Wanted::parse(&typed).unwrap();
        let begun = Instant::now();
        let found = search::find(&*db, &wanted).await.unwrap();
        let elapsed = begun.elapsed();
        assert!(found.iter().all(|one| wanted.is_in(&one.name)), "{typed}");
        // A piece of a legal form alone, 集团, says nothing that is kept.
        let expected = expected && !wanted.grams(false).is_empty();
        if expected && found.is_empty() {
            missed.push(typed.clone());
        }
        // The first tenth warms up what a running platform has warm.
        if round >= QUESTIONS / 10 {
            took.push((elapsed, typed));
        }
    }
    took.sort();
    eprintln!("{} of {QUESTIONS} found nothing although a name has it: {missed:?}", missed.len());
    assert!(missed.len() * 100 <= QUESTIONS, "too much is not found");
    let (p99, slowest) = (&took[QUESTIONS * 99 / 100], took.last().unwrap());
    eprintln!("median {:?}, 99% {p99:?}, slowest {slowest:?}", took[QUESTIONS / 2].0);
    let value = milliseconds(p99.0);
    println!(
        "{}",
        serde_json::json!({ "name": format!("enterprise_search_p99_ms_{engine}"), "value": value, "unit": "ms" })
    );
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// What somebody types, and whether something must be found.
fn question(dice: &mut Dice, names: &[String], brand: &[char]) -> (String, bool) {
    let name: Vec<char> = dice.one(names).chars().collect();
    let (body, kind) = (name.len() - 4, dice.below(10));
    let slice = |from: usize, length: usize| name[from..(from + length).min(name.len())].iter().collect::<String>();
    match kind {
        // The whole name, its beginning, a part of it.
        0 => (name.iter().collect(), true),
        1..=3 => (slice(0, 2 + dice.below(body)), true),
        4 | 5 => {
            let from = dice.below(body - 1);
            (slice(from, 2 + dice.below(4)), true)
        }
        // A brand that few or nobody has.
        6 => ((0..3).map(|_| *dice.one(brand)).collect(), false),
        // First letters of the beginning or of a part.
        7 | 8 => (initials(&slice(0, 2 + dice.below(6))), true),
        _ => (initials(&slice(dice.below(body - 2), 3 + dice.below(3))), true),
    }
}

fn initials(text: &str) -> String {
    use pinyin::ToPinyin as _;
    text.chars().filter_map(|one| one.to_pinyin()?.plain().chars().next()).collect()
}

/// Names first, then their grams in the order of the key, as a bulk load does.
async fn load(db: &Storage, names: &[String]) {
    let id =
        |index: usize| Uuid::from_u128((index as u128) << 64 | (index as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for (at, chunk) in names.chunks(NAMES_AT_ONCE).enumerate() {
        let rows = chunk.iter().enumerate().map(|(offset, name)| enterprise::ActiveModel {
            id: Set(id(at * NAMES_AT_ONCE + offset)),
            name: Set(name.clone()),
            credit_code: Set(format!("bench-{}", at * NAMES_AT_ONCE + offset)),
            legal_person_name: Set(String::new()),
            legal_person_id_type: Set("resident_id".to_owned()),
            legal_person_id_number: Set(None),
            created_at: Set(0),
            updated_at: Set(0),
        });
        let tx = db.begin().await.unwrap();
        enterprise::Entity::insert_many(rows).exec_without_returning(&*tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut known: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        for one in grams::of_name(name) {
            known.entry(one).or_default().push(id(index));
        }
    }
    // As any bulk load does: the key is made when the rows are there.
    let backend = db.get_database_backend();
    let postgres = backend == DbBackend::Postgres;
    let mut tx = db.begin().await.unwrap();
    if postgres {
        let drop = "ALTER TABLE enterprise_gram DROP CONSTRAINT enterprise_gram_pkey";
        tx.execute_unprepared(drop).await.unwrap();
    }
    let mut written = 0;
    for (gram, ids) in known {
        for some in ids.chunks(GRAMS_AT_ONCE) {
            tx.execute_raw(write(backend, &gram, some)).await.unwrap();
            written += some.len();
            if written > GRAMS_AT_ONCE {
                tx.commit().await.unwrap();
                (tx, written) = (db.begin().await.unwrap(), 0);
            }
        }
    }
    if postgres {
        tx.execute_unprepared("ALTER TABLE enterprise_gram ADD PRIMARY KEY (gram, enterprise_id)").await.unwrap();
    }
    let count = "INSERT INTO enterprise_gram_frequency SELECT gram, COUNT(*) FROM enterprise_gram GROUP BY gram";
    tx.execute_unprepared(count).await.unwrap();
    tx.execute_unprepared("ANALYZE").await.unwrap();
    tx.commit().await.unwrap();
}

/// That these names have this gram.
fn write(backend: DbBackend, gram: &str, ids: &[Uuid]) -> Statement {
    let sql = match backend {
        DbBackend::Sqlite => "INSERT INTO enterprise_gram SELECT ?, unhex(value) FROM json_each(?)",
        _ => "INSERT INTO enterprise_gram SELECT $1, value::uuid FROM json_array_elements_text($2::json)",
    };
    let ids: Vec<_> = ids.iter().map(|id| id.simple().to_string()).collect();
    Statement::from_sql_and_values(backend, sql, [gram.into(), serde_json::to_string(&ids).unwrap().into()])
}
