-- What a careful team would have: keys, foreign keys, and the indexes the workload needs.
-- Run it after the rows are in; erp_schema.sql comes first. The seeded faults are not here.

ALTER TABLE workspaces ADD PRIMARY KEY (id);
ALTER TABLE workspaces ADD CONSTRAINT workspaces_slug_key UNIQUE (slug);

ALTER TABLE users ADD PRIMARY KEY (id);
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
CREATE INDEX users_workspace_id_idx ON users (workspace_id);

ALTER TABLE projects ADD PRIMARY KEY (id);
CREATE INDEX projects_workspace_id_idx ON projects (workspace_id);
CREATE INDEX projects_owner_id_idx ON projects (owner_id);

ALTER TABLE tasks ADD PRIMARY KEY (id);
CREATE INDEX tasks_project_id_state_idx ON tasks (project_id, state);
CREATE INDEX tasks_assignee_id_idx ON tasks (assignee_id) WHERE assignee_id IS NOT NULL;
CREATE INDEX tasks_open_due_idx ON tasks (due) WHERE completed IS NULL;
CREATE INDEX tasks_title_search_idx ON tasks USING gin (to_tsvector('english', title));

ALTER TABLE activities ADD PRIMARY KEY (id);
CREATE INDEX activities_workspace_id_created_idx ON activities (workspace_id, created);
CREATE INDEX activities_user_id_created_idx ON activities (user_id, created);

ALTER TABLE erp_category ADD PRIMARY KEY (id);
ALTER TABLE erp_category ADD CONSTRAINT erp_category_slug_key UNIQUE (slug);
CREATE INDEX erp_category_parent_id_idx ON erp_category (parent_id);

ALTER TABLE erp_supplier ADD PRIMARY KEY (id);

ALTER TABLE erp_product ADD PRIMARY KEY (id);
ALTER TABLE erp_product ADD CONSTRAINT erp_product_sku_key UNIQUE (sku);
CREATE INDEX erp_product_category_id_created_idx ON erp_product (category_id, created);
CREATE INDEX erp_product_supplier_id_idx ON erp_product (supplier_id);
CREATE INDEX erp_product_low_stock_idx ON erp_product (stock) WHERE active AND stock <= reorder_level;

ALTER TABLE erp_customer ADD PRIMARY KEY (id);
ALTER TABLE erp_customer ADD CONSTRAINT erp_customer_tenant_id_email_key UNIQUE (tenant_id, email);

ALTER TABLE erp_warehouse ADD PRIMARY KEY (id);
ALTER TABLE erp_warehouse ADD CONSTRAINT erp_warehouse_tenant_id_code_key UNIQUE (tenant_id, code);

ALTER TABLE erp_salesorder ADD PRIMARY KEY (id);
ALTER TABLE erp_salesorder ADD CONSTRAINT erp_salesorder_number_key UNIQUE (number);
CREATE INDEX erp_salesorder_customer_id_date_idx ON erp_salesorder (customer_id, date);
CREATE INDEX erp_salesorder_date_idx ON erp_salesorder (date);
CREATE INDEX erp_salesorder_open_idx ON erp_salesorder (tenant_id, created) WHERE status IN ('new', 'paid');

ALTER TABLE erp_orderitem ADD PRIMARY KEY (id);
CREATE INDEX erp_orderitem_order_id_idx ON erp_orderitem (order_id);
CREATE INDEX erp_orderitem_product_id_idx ON erp_orderitem (product_id);

ALTER TABLE erp_stocktransaction ADD PRIMARY KEY (id);
CREATE INDEX erp_stocktransaction_warehouse_id_created_idx ON erp_stocktransaction (warehouse_id, created);

ALTER TABLE users ADD FOREIGN KEY (workspace_id) REFERENCES workspaces;
ALTER TABLE projects ADD FOREIGN KEY (workspace_id) REFERENCES workspaces;
ALTER TABLE projects ADD FOREIGN KEY (owner_id) REFERENCES users;
ALTER TABLE tasks ADD FOREIGN KEY (project_id) REFERENCES projects;
ALTER TABLE tasks ADD FOREIGN KEY (assignee_id) REFERENCES users;
ALTER TABLE activities ADD FOREIGN KEY (workspace_id) REFERENCES workspaces;
ALTER TABLE activities ADD FOREIGN KEY (task_id) REFERENCES tasks ON DELETE CASCADE;
ALTER TABLE activities ADD FOREIGN KEY (user_id) REFERENCES users;
ALTER TABLE erp_category ADD FOREIGN KEY (parent_id) REFERENCES erp_category;
ALTER TABLE erp_product ADD FOREIGN KEY (category_id) REFERENCES erp_category;
ALTER TABLE erp_product ADD FOREIGN KEY (supplier_id) REFERENCES erp_supplier;
ALTER TABLE erp_salesorder ADD FOREIGN KEY (customer_id) REFERENCES erp_customer;
ALTER TABLE erp_orderitem ADD FOREIGN KEY (order_id) REFERENCES erp_salesorder;
ALTER TABLE erp_orderitem ADD FOREIGN KEY (product_id) REFERENCES erp_product;
ALTER TABLE erp_stocktransaction ADD FOREIGN KEY (warehouse_id) REFERENCES erp_warehouse;

-- New rows get their keys from sequences that stand behind the last loaded row.
CREATE SEQUENCE users_id_seq OWNED BY users.id;
CREATE SEQUENCE tasks_id_seq OWNED BY tasks.id;
CREATE SEQUENCE activities_id_seq OWNED BY activities.id;
CREATE SEQUENCE erp_product_id_seq OWNED BY erp_product.id;
CREATE SEQUENCE erp_customer_id_seq OWNED BY erp_customer.id;
CREATE SEQUENCE erp_salesorder_id_seq OWNED BY erp_salesorder.id;
CREATE SEQUENCE erp_orderitem_id_seq OWNED BY erp_orderitem.id;
CREATE SEQUENCE erp_stocktransaction_id_seq OWNED BY erp_stocktransaction.id;

ALTER TABLE users ALTER id SET DEFAULT nextval('users_id_seq');
ALTER TABLE tasks ALTER id SET DEFAULT nextval('tasks_id_seq');
ALTER TABLE activities ALTER id SET DEFAULT nextval('activities_id_seq');
ALTER TABLE erp_product ALTER id SET DEFAULT nextval('erp_product_id_seq');
ALTER TABLE erp_customer ALTER id SET DEFAULT nextval('erp_customer_id_seq');
ALTER TABLE erp_salesorder ALTER id SET DEFAULT nextval('erp_salesorder_id_seq');
ALTER TABLE erp_orderitem ALTER id SET DEFAULT nextval('erp_orderitem_id_seq');
ALTER TABLE erp_stocktransaction ALTER id SET DEFAULT nextval('erp_stocktransaction_id_seq');

SELECT setval('users_id_seq', coalesce(max(id), 1)) FROM users;
SELECT setval('tasks_id_seq', coalesce(max(id), 1)) FROM tasks;
SELECT setval('activities_id_seq', coalesce(max(id), 1)) FROM activities;
SELECT setval('erp_product_id_seq', coalesce(max(id), 1)) FROM erp_product;
SELECT setval('erp_customer_id_seq', coalesce(max(id), 1)) FROM erp_customer;
SELECT setval('erp_salesorder_id_seq', coalesce(max(id), 1)) FROM erp_salesorder;
SELECT setval('erp_orderitem_id_seq', coalesce(max(id), 1)) FROM erp_orderitem;
SELECT setval('erp_stocktransaction_id_seq', coalesce(max(id), 1)) FROM erp_stocktransaction;
