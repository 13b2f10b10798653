-- The ERP's tables, bare: constraints and indexes come with erp_indexes.sql, after the rows.
-- Run it with `psql -f erp_schema.sql`, with search_path set to the schema that shall hold the tables.

CREATE TABLE workspaces (
    id bigint NOT NULL,
    slug text NOT NULL,
    title text NOT NULL,
    plan text NOT NULL,
    created timestamptz NOT NULL
);

CREATE TABLE users (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    email text NOT NULL,
    title text,
    is_active boolean NOT NULL,
    last_login timestamptz,
    created timestamptz NOT NULL
);

CREATE TABLE projects (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    owner_id bigint,
    title text NOT NULL,
    archived timestamptz,
    created timestamptz NOT NULL
);

CREATE TABLE tasks (
    id bigint NOT NULL,
    project_id bigint NOT NULL,
    assignee_id bigint,
    title text NOT NULL,
    description text,
    state text NOT NULL,
    priority smallint NOT NULL,
    due date,
    completed timestamptz,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL
);

-- A migration switched autovacuum off for a bulk import, and nothing ever switched it on again.
CREATE TABLE activities (
    id bigint NOT NULL,
    workspace_id bigint NOT NULL,
    task_id bigint,
    user_id bigint NOT NULL,
    kind text NOT NULL,
    details jsonb,
    created timestamptz NOT NULL
) WITH (autovacuum_enabled = false);

CREATE TABLE erp_category (
    id bigint NOT NULL,
    parent_id bigint,
    name text NOT NULL,
    slug text NOT NULL
);

CREATE TABLE erp_supplier (
    id bigint NOT NULL,
    name text NOT NULL,
    country text NOT NULL,
    email text,
    active boolean NOT NULL
);

CREATE TABLE erp_product (
    id bigint NOT NULL,
    category_id bigint NOT NULL,
    supplier_id bigint,
    sku text NOT NULL,
    name text NOT NULL,
    price numeric(12, 2) NOT NULL,
    stock integer NOT NULL,
    reorder_level integer NOT NULL,
    active boolean NOT NULL,
    attributes jsonb NOT NULL,
    created timestamptz NOT NULL
);

CREATE TABLE erp_customer (
    id bigint NOT NULL,
    tenant_id integer NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    phone text,
    company text,
    vat_number text,
    credit_limit numeric(12, 2),
    birthday date,
    notes text,
    created timestamptz NOT NULL
);

CREATE TABLE erp_warehouse (
    id bigint NOT NULL,
    tenant_id integer NOT NULL,
    code text NOT NULL,
    city text NOT NULL,
    note text
);

CREATE TABLE erp_salesorder (
    id bigint NOT NULL,
    tenant_id integer NOT NULL,
    customer_id bigint NOT NULL,
    number text NOT NULL,
    date date NOT NULL,
    status text NOT NULL,
    total numeric(12, 2) NOT NULL,
    shipped timestamptz,
    note text,
    created timestamptz NOT NULL
);

-- The key is still int4 although its sequence was made bigint: nothing counts down but the column.
CREATE TABLE erp_orderitem (
    id integer NOT NULL,
    order_id bigint NOT NULL,
    product_id bigint NOT NULL,
    quantity integer NOT NULL,
    price numeric(12, 2) NOT NULL,
    discount numeric(5, 2)
);

-- A ledger: it outlives the products it names, so `product_id` references nothing.
CREATE TABLE erp_stocktransaction (
    id bigint NOT NULL,
    product_id bigint NOT NULL,
    warehouse_id bigint NOT NULL,
    kind text NOT NULL,
    quantity integer NOT NULL,
    reference text NOT NULL,
    created timestamptz NOT NULL
);
